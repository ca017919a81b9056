with component as (
    select distinct
        definition.index_id,
        component.indicator_code || case component.scope when 'total' then '' else '_' || component.scope end
            as subject,
        component.dimension,
        component.direction
    from seed.index_definition as definition
    inner join seed.index_component as component
        on component.index_id = coalesce(definition.components_of, definition.index_id)
)

select
    to_json(list({
        'index': index_id, 's': subject, 'd': dimension, 'direction': direction
    } order by index_id, dimension, subject))::varchar as body
from component
