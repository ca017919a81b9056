{{ config(materialized='view') }}
-- One row per figure of an indicator with a range, printed or derived: whether it lies inside.
select
    figure.city_code,
    figure.year,
    figure.indicator_code,
    figure.scope,
    'outside_range' as check_id,
    figure.value,
    figure.cell_id,
    {{ number_text('known.low') }} || ' to ' || {{ number_text('known.high') }} as expected,
    case when figure.value < known.low then known.low else known.high end as bound,
    figure.value / nullif(case when figure.value < known.low then known.low else known.high end, 0) as ratio,
    figure.value < known.low or figure.value > known.high as fails
from (
    select
        city_code,
        year,
        indicator_code,
        scope,
        value,
        cell_id
    from {{ without_catalog(ref('int_city_year__base')) }}
    union all
    select
        city_code,
        year,
        indicator_code,
        scope,
        value,
        null as cell_id
    from {{ without_catalog(ref('int_city_year__derived')) }}
    union all
    select
        city_code,
        year,
        indicator_code,
        scope,
        value,
        null as cell_id
    from {{ without_catalog(ref('int_city_year__relative')) }}
    union all
    select
        city_code,
        year,
        indicator_code,
        scope,
        value,
        null as cell_id
    from {{ without_catalog(ref('int_city_year__deflated')) }}
) as figure
inner join {{ without_catalog(ref('figure_range')) }} as known on figure.indicator_code = known.indicator_code
