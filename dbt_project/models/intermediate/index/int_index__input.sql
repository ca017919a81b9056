-- One row per index x city x year x component: its figure, and the period over which it is scaled and weighted.
-- City-years that lack a component stay in, as a null, so that their score is null and not a part of one.
-- An index with a component that this input has nowhere is left out whole.
with component as (
    select
        definition.index_id,
        definition.weighting,
        definition.population,
        definition.year_from,
        definition.year_to,
        component.indicator_code,
        component.scope,
        component.direction
    from {{ ref('index_definition') }} as definition
    inner join {{ ref('index_component') }} as component on definition.index_id = component.index_id
),

present as (
    select
        component.index_id,
        component.weighting,
        component.population,
        value.city_code,
        value.year,
        value.indicator_code,
        value.value,
        value.is_imputed
    from component
    inner join {{ ref('indicator_value') }} as value
        on
            component.indicator_code = value.indicator_code
            and component.scope = value.scope
            and value.year >= coalesce(component.year_from, 0)
            and value.year <= coalesce(component.year_to, 9999)
),

computable as (
    select present.index_id
    from present
    group by present.index_id
    having
        count(distinct present.indicator_code) = (
            select count(*)
            from component
            where component.index_id = present.index_id
        )
),

found as (
    select present.*
    from present
    inner join computable on present.index_id = computable.index_id
),

years as (
    select
        index_id,
        min(year) as first_year,
        max(year) as last_year
    from found
    group by index_id
),

-- `continuing`: a prefecture-level city or municipality at the end of every year covered.
continuing as (
    select
        years.index_id,
        status.city_code
    from years
    inner join {{ ref('city_status') }} as status
        on
            status.level in ('municipality', 'prefecture_city')
            and years.last_year >= status.year_from
            and years.first_year <= coalesce(status.year_to, 9999)
    group by years.index_id, status.city_code, years.first_year, years.last_year
    having
        sum(
            least(coalesce(status.year_to, 9999), years.last_year)
            - greatest(status.year_from, years.first_year) + 1
        ) = years.last_year - years.first_year + 1
),

members as (
    select distinct
        found.index_id,
        found.weighting,
        found.city_code,
        found.year
    from found
    where
        found.population = 'all'
        or exists (
            select 1
            from continuing
            where continuing.index_id = found.index_id and continuing.city_code = found.city_code
        )
)

select
    members.index_id,
    members.city_code,
    members.year,
    case when members.weighting = 'per_year' then members.year::varchar else 'pooled' end as period,
    component.indicator_code,
    component.direction,
    found.value,
    coalesce(found.is_imputed, false) as is_imputed
from members
inner join component on members.index_id = component.index_id
left join found
    on
        members.index_id = found.index_id
        and members.city_code = found.city_code
        and members.year = found.year
        and component.indicator_code = found.indicator_code
