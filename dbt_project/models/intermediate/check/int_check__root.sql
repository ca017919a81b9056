-- One row per figure that can't be relied on and figure that is to blame: itself where it fails a check, else those
-- that fail one and that it was made of, however many steps back. Only few figures have any: they are followed
-- forwards, from what failed to what was made of it.
-- A figure of the deflator counts as the price level does: a level between two years is divided out again where
-- both its step and the next use it, growth of every year between counts.
with own as (
    select distinct
        failed.city_code,
        failed.year,
        failed.indicator_code,
        failed.scope,
        {{ figure_name('failed') }} as root
    from {{ ref('int_check__failed') }} as failed
    where failed.explanation is null
),

printed as (
    select * from own
    union
    select
        gap.city_code,
        gap.year,
        gap.indicator_code,
        gap.scope,
        own.root
    from {{ ref('int_city_year__interpolated') }} as gap
    inner join own
        on
            gap.city_code = own.city_code
            and gap.indicator_code = own.indicator_code
            and gap.scope = own.scope
            and own.year in (gap.neighbour_year_before, gap.neighbour_year_after)
    union
    select
        merger.into_city_code as city_code,
        merger.year,
        merger.indicator_code,
        merger.scope,
        own.root || ' of ' || own.city_code as root
    from {{ ref('int_city_year__merger') }} as merger
    inner join own
        on
            merger.city_code = own.city_code
            and merger.year = own.year
            and merger.indicator_code = own.indicator_code
            and merger.scope = own.scope
    where merger.outcome = 'added' and merger.city_code <> merger.into_city_code
),

derived as (
    select * from printed
    union
    select
        printed.city_code,
        printed.year,
        term.indicator_code,
        'total' as scope,
        printed.root
    from printed
    inner join {{ ref('derived_term') }} as term
        on printed.indicator_code = term.input_indicator_code and printed.scope = term.input_scope
),

step as (
    select
        city_code,
        year,
        method,
        lead(method) over (partition by city_code, run_first_year order by year) as next_method
    from {{ ref('int_city_year__deflator') }}
),

-- In which steps a figure takes part: nominal GDP in those of both methods that divide it by growth.
deflating as (
    select
        printed.city_code,
        printed.year,
        printed.root,
        coalesce(
            step.method = printed.indicator_code
            or (printed.indicator_code = 'gdp' and step.method in ('gdp_index', 'gdp_growth_rate')), false
        ) as in_its_step,
        coalesce(
            printed.indicator_code in ('gdp', 'gdp_deflator')
            and (
                step.next_method = printed.indicator_code
                or (printed.indicator_code = 'gdp' and step.next_method in ('gdp_index', 'gdp_growth_rate'))
            ), false
        ) as in_next_step
    from printed
    inner join step on printed.city_code = step.city_code and printed.year = step.year
    where
        printed.scope = 'total'
        and printed.indicator_code in ('gdp', 'gdp_index', 'gdp_growth_rate', 'gdp_deflator')
)

select * from derived
union
select
    derived.city_code,
    derived.year,
    relative.indicator_code,
    derived.scope,
    derived.root
from derived
inner join {{ ref('relative_indicator') }} as relative on derived.indicator_code = relative.base_indicator_code
union
select
    derived.city_code,
    derived.year,
    deflated.indicator_code,
    derived.scope,
    derived.root
from derived
inner join {{ ref('deflated_indicator') }} as deflated on derived.indicator_code = deflated.nominal_indicator_code
union
select
    made.city_code,
    made.year,
    made.indicator_code,
    made.scope,
    deflating.root
from {{ ref('int_city_year__deflated') }} as made
inner join deflating
    on
        made.city_code = deflating.city_code
        and deflating.year between least(made.year, made.base_year) and greatest(made.year, made.base_year)
where
    (deflating.in_its_step and deflating.year > least(made.year, made.base_year))
    <> (deflating.in_next_step and deflating.year < greatest(made.year, made.base_year))
