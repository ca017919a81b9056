-- One row per efficiency model x Malmquist variant x city x year: change since the year before, and its parts.
-- `rank` orders the changes of a year, `cumulated_rank` where the cities stand after all years so far.
select
    change.model_id,
    change.variant,
    change.orientation,
    change.frontier,
    change.city_code,
    change.year::integer as year,
    change.year_from::integer as year_from,
    change.productivity,
    change.efficiency_change,
    change.technical_change,
    change.pure_change,
    change.scale_change,
    change.cumulated,
    case
        when change.productivity is not null
            then (
                rank() over (
                    partition by change.model_id, change.variant, change.year
                    order by {{ significant('change.productivity') }} desc nulls last
                )
            )::integer
    end as rank,
    case
        when change.cumulated is not null
            then (
                rank() over (
                    partition by change.model_id, change.variant, change.year
                    order by {{ significant('change.cumulated') }} desc nulls last
                )
            )::integer
    end as cumulated_rank,
    change.status,
    change.reason,
    change.is_imputed,
    before.suspect_figures is not null or present.suspect_figures is not null as has_suspect_figure,
    nullif(concat_ws(', ', before.suspect_figures, present.suspect_figures), '') as suspect_figures
from {{ source('measures', 'productivity') }} as change
left join {{ ref('int_efficiency__suspect') }} as before
    on
        change.model_id = before.model_id
        and change.city_code = before.city_code
        and change.year_from = before.year
left join {{ ref('int_efficiency__suspect') }} as present
    on
        change.model_id = present.model_id
        and change.city_code = present.city_code
        and change.year = present.year
