-- One row per efficiency model x variant x city x year, with its rank in the year; without a score the reason.
select
    score.model_id,
    score.variant,
    score.method,
    score.orientation,
    score.returns,
    score.frontier,
    score.city_code,
    score.year::integer as year,
    score.score,
    case
        when score.score is not null
            then (
                rank() over (
                    partition by score.model_id, score.variant, score.year
                    order by {{ significant('score.score') }} desc nulls last
                )
            )::integer
    end as rank,
    score.is_on_frontier,
    score.returns_to_scale,
    score.status,
    score.reason,
    score.units_compared::integer as units_compared,
    score.is_imputed,
    suspect.suspect_figures is not null as has_suspect_figure,
    suspect.suspect_figures
from {{ source('measures', 'efficiency_score') }} as score
left join {{ ref('int_efficiency__suspect') }} as suspect
    on
        score.model_id = suspect.model_id
        and score.city_code = suspect.city_code
        and score.year = suspect.year
