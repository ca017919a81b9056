select
    weight.index_id,
    weight.indicator_code,
    indicator.name_en as indicator_name,
    indicator.name_zh as indicator_name_zh,
    weight.dimension,
    weight.weight,
    weight.published_weight,
    weight.difference_to_published as difference,
    definition.name_en as index_title
from marts.index_weight as weight
inner join marts.dim_indicator as indicator on weight.indicator_code = indicator.indicator_code
inner join seed.index_definition as definition on weight.index_id = definition.index_id
where weight.period = 'pooled' and definition.components_of is null
order by
    -- An index with published weights first.
    max(weight.published_weight is not null) over (partition by weight.index_id) desc,
    weight.index_id,
    weight.weight desc,
    weight.indicator_code asc
