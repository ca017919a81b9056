with counted as (
    select
        subject,
        min(year) as first_year,
        max(year) as last_year,
        count(value) as numbers,
        bool_or(rank is not null) as is_ranked
    from explorer_number
    group by subject
),

index_of as (
    select
        definition.*,
        case when definition.has_obstacles then 0 when definition.components_of is null then 1 else 2 end as position,
        coalesce(definition.components_of, definition.index_id) as components_from
    from seed.index_definition as definition
),

scope as (select unnest(['total', 'districts']) as scope),

known as (
    select
        indicator.indicator_code || case scope.scope when 'total' then '' else '_' || scope.scope end as subject,
        1 as place,
        'indicator' as kind,
        indicator.name_zh,
        indicator.name_en,
        indicator.unit,
        indicator.dimension,
        scope.scope,
        indicator.definition,
        indicator.formula,
        null as of_index,
        0 as position
    from marts.dim_indicator as indicator
    cross join scope
    union all
    select
        'index_' || index_id as subject,
        2 as place,
        'index' as kind,
        name_zh,
        name_en,
        null as unit,
        null as dimension,
        null as scope,
        note as definition,
        null as formula,
        index_id as of_index,
        position
    from index_of
    union all
    select distinct
        index_of.index_id || '.' || component.dimension as subject,
        3 as place,
        'dimension' as kind,
        index_of.name_zh,
        index_of.name_en,
        null as unit,
        component.dimension,
        null as scope,
        null as definition,
        null as formula,
        index_of.index_id as of_index,
        index_of.position
    from index_of
    inner join seed.index_component as component on index_of.components_from = component.index_id
    union all
    select
        'efficiency_' || variant.model_id || '_' || variant.variant as subject,
        4 as place,
        'efficiency' as kind,
        model.name_zh,
        model.name_en,
        null as unit,
        variant.variant as dimension,
        null as scope,
        variant.note as definition,
        null as formula,
        null as of_index,
        0 as position
    from seed.efficiency_variant as variant
    inner join seed.efficiency_model as model on variant.model_id = model.model_id
)

select
    to_json(list({
        'id': known.subject, 'kind': known.kind, 'zh': known.name_zh, 'en': known.name_en, 'unit': known.unit,
        'dimension': known.dimension, 'scope': known.scope, 'definition': known.definition,
        'formula': known.formula, 'index': known.of_index, 'from': counted.first_year, 'to': counted.last_year,
        'n': counted.numbers
    } order by known.place, known.position, known.dimension, known.subject))::varchar as body
from known
inner join counted on known.subject = counted.subject
