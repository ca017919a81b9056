-- Definitions that ask for what does not exist: base years without a fixed base or the other way round, vectors in a
-- sum, components of an index that has none of its own, or two sets of components.
with owners as (
    select distinct index_id
    from {{ ref('index_component') }}
)

select
    definition.index_id,
    definition.period,
    definition.scaling,
    definition.aggregation,
    definition.components_of
from {{ ref('index_definition') }} as definition
left join owners on definition.index_id = owners.index_id
left join owners as lender on definition.components_of = lender.index_id
where
    (definition.period = 'base') <> (definition.base_year_from is not null and definition.base_year_to is not null)
    or (definition.period <> 'base' and coalesce(definition.base_year_from, definition.base_year_to) is not null)
    or definition.base_year_from > definition.base_year_to
    or (definition.scaling = 'vector' and definition.aggregation <> 'topsis')
    or (owners.index_id is null) <> (definition.components_of is not null)
    or (definition.components_of is not null and lender.index_id is null)
