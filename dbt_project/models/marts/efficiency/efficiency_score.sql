-- One row per efficiency model x variant x city x year, with its rank in the year; without a score the reason.
select
    model_id,
    variant,
    method,
    orientation,
    returns,
    frontier,
    city_code,
    year::integer as year,
    score,
    case
        when score is not null
            then (
                rank() over (
                    partition by model_id, variant, year
                    order by {{ significant('score') }} desc nulls last
                )
            )::integer
    end as rank,
    is_on_frontier,
    returns_to_scale,
    status,
    reason,
    units_compared::integer as units_compared,
    is_imputed
from {{ source('measures', 'efficiency_score') }}
