-- One row per index x period x component with a figure: its entropy and weight, beside a published weight if any.
-- entropy: shares of 1 - entropy; equal: all the same; principal_component: squared loadings of the first component.
-- When no component varies all weigh the same.
with information as (
    select
        component.index_id,
        entropy.period,
        component.indicator_code,
        component.dimension,
        component.second_level,
        component.direction,
        component.paper_id,
        entropy.figures,
        entropy.entropy,
        case component.weighting
            when 'entropy' then 1 - entropy.entropy
            when 'principal_component' then coalesce(principal.squared_loading, 0)
            else 1
        end as information
    from {{ ref('int_index__component') }} as component
    inner join {{ ref('int_index__entropy') }} as entropy
        on component.frame_number = entropy.frame_number and component.position = entropy.position
    left join {{ ref('int_index__principal') }} as principal
        on
            component.index_id = principal.index_id
            and entropy.period = principal.period
            and component.position = principal.position
),

shared as (
    select
        *,
        sum(information) over index_period as total_information,
        count(*) over index_period as components
    from information
    window index_period as (partition by index_id, period)
)

select
    shared.index_id,
    shared.period,
    shared.indicator_code,
    shared.dimension,
    shared.second_level,
    shared.direction,
    shared.figures::bigint as figures,
    shared.entropy,
    case
        when shared.total_information > 1e-12 then shared.information / shared.total_information
        else 1.0 / shared.components
    end as weight,
    published.weight as published_weight,
    case
        when shared.total_information > 1e-12 then shared.information / shared.total_information
        else 1.0 / shared.components
    end - published.weight as difference_to_published
from shared
left join {{ ref('published_index_weight') }} as published
    on shared.paper_id = published.paper_id and shared.indicator_code = published.indicator
