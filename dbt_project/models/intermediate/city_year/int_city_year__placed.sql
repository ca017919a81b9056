-- One row per observation with its city, in the indicator's unit, and the reason if it has no place.
with dropped as (
    select distinct coalesce(from_code, to_code) as city_code
    from {{ ref('city_event') }}
    where decision = 'drop'
),

placed as (
    select
        observation.*,
        place.city_code,
        case
            when place.reason is null and dropped.city_code is not null then 'dropped_by_decision'
            else place.reason
        end as place_reason
    from {{ ref('stg_yearbook__observation') }} as observation
    inner join {{ ref('int_place__printed') }} as place
        on
            observation.name_key is not distinct from place.name_key
            and observation.city_code_printed is not distinct from place.city_code_printed
            and observation.province_key is not distinct from place.province_key
            and observation.running_province_key is not distinct from place.running_province_key
            and observation.statistic_year = place.statistic_year
    left join dropped on place.city_code = dropped.city_code
)

select
    *,
    coalesce(
        place_reason,
        -- The same city twice in a sheet, under two names, with other figures.
        case
            when min(value_in_unit) over same_city <> max(value_in_unit) over same_city
                then 'city_twice_in_sheet'
        end
    ) as quarantine_reason
from placed
window
    same_city as (
        partition by file_key, sheet_index, city_code, place_reason, statistic_year, indicator_code, scope
    )
