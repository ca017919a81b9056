-- One row per city (or other prefecture-level unit) that ever existed in the years covered.
select
    city.city_code::varchar as city_code,
    city.name_zh,
    city.name_en,
    city.province_code::varchar as province_code,
    city.province_zh,
    city.region,
    city.region_four,
    city.level,
    city.is_municipality,
    city.is_provincial_capital,
    city.is_subprovincial,
    point.longitude,
    point.latitude,
    city.first_year::integer as first_year,
    city.last_year::integer as last_year
from {{ ref('city') }} as city
left join {{ ref('city_coordinate') }} as point on city.city_code = point.city_code
