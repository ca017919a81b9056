{{ config(materialized='view') }}
-- One row per printed figure: whether it stands apart from the figures of the same city around it, at most two on
-- either side. More than half of them, and at least two, must say so, all in the same direction: one misprint has no
-- power over its neighbours. At a lasting step inside a series, which is another definition or border, nobody is
-- marked.
select
    city_code,
    year,
    indicator_code,
    scope,
    'off_its_neighbours' as check_id,
    value,
    cell_id,
    'within ' || {{ number_text('neighbour_ratio') }} || ' times of '
    || array_to_string(list_transform(around, lambda near: {{ number_text('near') }}), ', ') as expected,
    neighbour_ratio as bound,
    value / list_aggregate(around, 'median') as ratio,
    greatest(times_above, times_below) >= 2
    and 2 * greatest(times_above, times_below) > len(around)
    and greatest(value, list_aggregate(around, 'max')) >= least_share * median_value as fails
from (
    select
        * exclude (in_reach),
        list_filter(in_reach, lambda near: near is not null) as around,
        len(list_filter(in_reach, lambda near: value > neighbour_ratio * near)) as times_above,
        len(list_filter(in_reach, lambda near: near > neighbour_ratio * value)) as times_below
    from (
        select
            base.city_code,
            base.year,
            base.indicator_code,
            base.scope,
            base.value,
            base.cell_id,
            bound.neighbour_ratio,
            bound.least_share,
            typical.median_value,
            [
                case
                    when lag(base.year, 2) over one_city >= base.year - bound.neighbour_years
                        then lag(base.value, 2) over one_city
                end,
                case
                    when lag(base.year, 1) over one_city >= base.year - bound.neighbour_years
                        then lag(base.value, 1) over one_city
                end,
                case
                    when lead(base.year, 1) over one_city <= base.year + bound.neighbour_years
                        then lead(base.value, 1) over one_city
                end,
                case
                    when lead(base.year, 2) over one_city <= base.year + bound.neighbour_years
                        then lead(base.value, 2) over one_city
                end
            ] as in_reach
        from {{ without_catalog(ref('int_city_year__base')) }} as base
        inner join {{ without_catalog(ref('int_city_year__check_bound')) }} as bound
            on base.indicator_code = bound.indicator_code
        inner join {{ without_catalog(ref('int_check__typical')) }} as typical
            on base.indicator_code = typical.indicator_code and base.scope = typical.scope
        where base.value > 0 and not base.is_imputed and bound.neighbour_ratio is not null
        window one_city as (partition by base.city_code, base.indicator_code, base.scope order by base.year)
    ) as neighbourhood
) as counted
where len(around) > 0
