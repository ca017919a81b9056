-- One row per efficiency model x Malmquist variant x city x year: change since the year before, and its parts.
-- `rank` orders the changes of a year, `cumulated_rank` where the cities stand after all years so far.
select
    model_id,
    variant,
    orientation,
    frontier,
    city_code,
    year::integer as year,
    year_from::integer as year_from,
    productivity,
    efficiency_change,
    technical_change,
    pure_change,
    scale_change,
    cumulated,
    case
        when productivity is not null
            then (
                rank() over (
                    partition by model_id, variant, year
                    order by {{ significant('productivity') }} desc nulls last
                )
            )::integer
    end as rank,
    case
        when cumulated is not null
            then (
                rank() over (
                    partition by model_id, variant, year
                    order by {{ significant('cumulated') }} desc nulls last
                )
            )::integer
    end as cumulated_rank,
    status,
    reason,
    is_imputed
from {{ source('measures', 'productivity') }}
