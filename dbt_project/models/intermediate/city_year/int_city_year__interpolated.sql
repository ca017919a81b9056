-- One row per gap year inside a city's series that its fill rule lets be interpolated, with its two neighbours.
-- Only a series with a year missing inside can have one: few need their neighbours looked up.
with broken_series as (
    select
        city_code,
        indicator_code,
        scope
    from {{ ref('int_city_year__joined') }}
    group by city_code, indicator_code, scope
    having max(year) - min(year) >= count(*)
),

neighbours as (
    select
        joined.*,
        lead(joined.year) over series as next_year,
        lead(joined.value) over series as next_value
    from {{ ref('int_city_year__joined') }} as joined
    inner join broken_series
        on
            joined.city_code = broken_series.city_code
            and joined.indicator_code = broken_series.indicator_code
            and joined.scope = broken_series.scope
    window
        series as (
            partition by joined.city_code, joined.indicator_code, joined.scope
            order by joined.year
        )
),

gaps as (
    select
        neighbours.*,
        fill_rule.method
    from neighbours
    inner join {{ ref('fill_rule') }} as fill_rule on neighbours.indicator_code = fill_rule.indicator_code
    where
        fill_rule.method = 'linear'
        and neighbours.next_year - neighbours.year - 1 between 1 and fill_rule.max_gap
),

years as (
    select
        gaps.*,
        unnest(generate_series(gaps.year + 1, gaps.next_year - 1)) as gap_year
    from gaps
)

select
    city_code,
    gap_year::integer as year,
    indicator_code,
    scope,
    value + (next_value - value) * (gap_year - year) / (next_year - year) as value,
    unit,
    method,
    year as neighbour_year_before,
    next_year as neighbour_year_after
from years
