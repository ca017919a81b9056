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

-- In the order of the components, for sums of fractions depend on it.
total as (
    select
        index_id,
        period,
        {{ ordered_sum('information', 'indicator_code') }} as information,
        count(*) as components
    from information
    group by index_id, period
),

weighted as (
    select
        information.*,
        case
            when total.information > {{ rounding_share() }} then information.information / total.information
            else 1.0 / total.components
        end as weight
    from information
    inner join total on information.index_id = total.index_id and information.period = total.period
)

select
    weighted.index_id,
    weighted.period,
    weighted.indicator_code,
    weighted.dimension,
    weighted.second_level,
    weighted.direction,
    weighted.figures::bigint as figures,
    weighted.entropy,
    weighted.weight,
    published.weight as published_weight,
    weighted.weight - published.weight as difference_to_published
from weighted
left join {{ ref('published_index_weight') }} as published
    on weighted.paper_id = published.paper_id and weighted.indicator_code = published.indicator
