-- One row per index x component that this input can compute: what the index asks of it, and where its figures stand.
-- `position` is its place in every list of figures; `frame_number` is shared by all indices that scale over the same
-- city-years, so that no figure is scaled twice. An index with a component that has no figure is left out whole.
with declared as (
    select
        definition.index_id,
        definition.weighting,
        definition.period as period_kind,
        definition.scaling,
        definition.aggregation,
        definition.population,
        coalesce(definition.year_from, 0) as year_from,
        coalesce(definition.year_to, 9999) as year_to,
        definition.base_year_from,
        definition.base_year_to,
        definition.has_dimensions,
        definition.has_obstacles,
        definition.paper_id,
        component.indicator_code,
        component.scope,
        component.direction,
        component.dimension,
        component.second_level,
        count(*) over (partition by definition.index_id) as components
    from {{ ref('index_definition') }} as definition
    inner join {{ ref('index_component') }} as component
        on coalesce(definition.components_of, definition.index_id) = component.index_id
),

known_year as (
    select distinct
        indicator_code,
        scope,
        year
    from {{ ref('indicator_value') }}
),

known as (
    select
        declared.index_id,
        declared.indicator_code,
        declared.scope,
        min(known_year.year) as first_year,
        max(known_year.year) as last_year
    from declared
    inner join known_year
        on
            declared.indicator_code = known_year.indicator_code
            and declared.scope = known_year.scope
            and declared.year_from <= known_year.year
            and declared.year_to >= known_year.year
    group by declared.index_id, declared.indicator_code, declared.scope
),

computable as (
    select
        index_id,
        count(*) as components_known,
        min(first_year) as first_year,
        max(last_year) as last_year
    from known
    group by index_id
)

select
    declared.index_id,
    declared.indicator_code,
    declared.scope,
    declared.direction,
    declared.dimension,
    declared.second_level,
    declared.components::integer as components,
    declared.weighting,
    declared.scaling,
    declared.aggregation,
    declared.has_dimensions,
    declared.has_obstacles,
    declared.paper_id,
    declared.period_kind,
    declared.population,
    computable.first_year,
    computable.last_year,
    declared.base_year_from,
    declared.base_year_to,
    dense_rank() over (
        order by
            declared.period_kind, declared.population, computable.first_year, computable.last_year,
            declared.base_year_from, declared.base_year_to
    ) as frame_number,
    dense_rank() over (order by declared.indicator_code, declared.scope, declared.direction) as position
from declared
inner join computable
    on declared.index_id = computable.index_id and declared.components = computable.components_known
