-- One row per index x period x component: its entropy and weight, beside a published weight where there is one.
-- Weights are shares of 1 - entropy; when no component varies all weigh the same.
with information as (
    select
        entropy.index_id,
        entropy.period,
        entropy.indicator_code,
        entropy.figures,
        entropy.entropy,
        1 - entropy.entropy as information,
        sum(1 - entropy.entropy) over indices as total_information,
        count(*) over indices as components
    from {{ ref('int_index__entropy') }} as entropy
    window indices as (partition by entropy.index_id, entropy.period)
)

select
    information.index_id,
    information.period,
    information.indicator_code,
    component.dimension,
    component.second_level,
    component.direction,
    information.figures::bigint as figures,
    information.entropy,
    case
        when information.total_information > 1e-12
            then information.information / information.total_information
        else 1.0 / information.components
    end as weight,
    published.weight as published_weight
from information
inner join {{ ref('index_component') }} as component
    on
        information.index_id = component.index_id
        and information.indicator_code = component.indicator_code
left join {{ ref('published_index_weight') }} as published
    on information.index_id = 'nqpf' and information.indicator_code = published.indicator
