-- One row per city x year: the figures of all components as one list, null where there is none.
-- Where smaller is better the figure is turned (multiplied by -1): from here on larger is better.
with component as (
    select distinct
        indicator_code,
        scope,
        direction,
        position
    from {{ ref('int_index__component') }}
),

-- Sorting beforehand is for speed alone: lists grow fast where their figures arrive together.
arriving as (
    select
        value.city_code,
        value.year,
        component.position,
        case when component.direction = '-' then -value.value else value.value end as figure
    from {{ ref('indicator_value') }} as value
    inner join component on value.indicator_code = component.indicator_code and value.scope = component.scope
    order by value.city_code, value.year
),

-- In whatever order the figures come: figures and positions of a city-year have the same.
unordered as (
    select
        city_code,
        year,
        {{ list_of('figure') }} as figures,
        {{ list_of('position') }} as positions
    from arriving
    group by city_code, year
),

size as (
    select max(position) as positions
    from component
)

select
    unordered.city_code,
    unordered.year,
    {{ list_placed('unordered.figures', 'unordered.positions', 'size.positions') }} as figures
from unordered
cross join size
