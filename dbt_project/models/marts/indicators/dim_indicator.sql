-- One row per indicator: what it is, its unit, how it is made, and the years in which it has figures.
with years as (
    select
        indicator_code,
        min(year) as first_year,
        max(year) as last_year,
        count(*) as figures
    from {{ ref('indicator_value') }}
    group by indicator_code
)

select
    indicator.indicator_code,
    indicator.name_zh,
    indicator.name_en,
    indicator.unit,
    indicator.kind,
    indicator.definition,
    indicator.formula,
    years.first_year::integer as first_year,
    years.last_year::integer as last_year,
    coalesce(years.figures, 0)::bigint as figures
from {{ ref('indicator') }} as indicator
left join years on indicator.indicator_code = years.indicator_code
