-- One row per city x year x indicator x scope that was published more than once: only these need comparing.
select
    place.city_code,
    observation.statistic_year as year,
    observation.indicator_code,
    observation.scope
from {{ ref('stg_yearbook__observation') }} as observation
inner join {{ ref('int_place__row') }} as place
    on
        observation.file_key = place.file_key
        and observation.sheet_index = place.sheet_index
        and observation.row_number = place.row_number
        and observation.statistic_year = place.statistic_year
where place.reason is null
group by place.city_code, observation.statistic_year, observation.indicator_code, observation.scope
having count(*) > 1
