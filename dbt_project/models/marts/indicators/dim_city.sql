-- One row per city (or other prefecture-level unit) that ever existed in the years covered.
select
    city_code::varchar as city_code,
    name_zh,
    name_en,
    province_code::varchar as province_code,
    province_zh,
    region,
    region_four,
    level,
    is_municipality,
    is_provincial_capital,
    is_subprovincial,
    first_year::integer as first_year,
    last_year::integer as last_year
from {{ ref('city') }}
