-- One row per indicator, per year, per city, and per indicator and year: how many figures are interpolated.
with figures as (
    select
        indicator_code,
        year,
        city_code,
        value_kind in ('interpolated', 'computed') as is_interpolated,
        is_imputed
    from {{ ref('indicator_value') }}
),

summed as (
    select
        indicator_code,
        year,
        city_code,
        grouping(indicator_code) as over_indicators,
        grouping(year) as over_years,
        grouping(city_code) as over_cities,
        count(*) as figures,
        count(*) filter (where is_interpolated) as interpolated,
        count(*) filter (where is_imputed) as imputed
    from figures
    group by grouping sets ((indicator_code), (year), (city_code), (indicator_code, year))
)

select
    case
        when over_cities = 0 then 'city'
        when over_indicators = 1 then 'year'
        when over_years = 1 then 'indicator'
        else 'indicator_year'
    end as grouped_by,
    indicator_code,
    year::integer as year,
    city_code,
    figures::bigint as figures,
    interpolated::bigint as interpolated,
    (imputed - interpolated)::bigint as derived_from_interpolated,
    imputed / figures::double as share
from summed
