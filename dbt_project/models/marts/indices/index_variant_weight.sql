-- One row per variant of an index and component: its weight, the mean over the periods that weigh by themselves.
select
    weight.index_id as variant_id,
    weight.indicator_code,
    avg(weight.weight order by weight.period) as mean_weight,
    count(*)::bigint as periods
from {{ ref('index_weight') }} as weight
inner join {{ ref('index_definition') }} as definition on weight.index_id = definition.index_id
where definition.components_of is not null
group by weight.index_id, weight.indicator_code
