-- One row per index x city x year x component, for the indices that ask for it: what holds a city back.
-- deviation d = 1 - min-max scaled; obstacle degree = w d / sum over components of w d; null when a component is
-- missing.
with figure as (
    select
        component.index_id,
        scaled.city_code,
        scaled.year,
        component.indicator_code,
        component.dimension,
        weight.weight,
        component.components,
        {{ list_item('scaled.scaled', 'component.position') }} as scaled
    from {{ ref('int_index__component') }} as component
    inner join {{ ref('int_index__scaled') }} as scaled
        on component.frame_number = scaled.frame_number
    inner join {{ ref('index_weight') }} as weight
        on
            component.index_id = weight.index_id
            and scaled.period = weight.period
            and component.indicator_code = weight.indicator_code
    where component.has_obstacles
),

deviation as (
    select
        *,
        -- Outside a fixed base figures may pass the bounds.
        case when not isnan(scaled) then 1 - least(greatest(scaled, 0), 1) end as deviation
    from figure
),

total as (
    select
        index_id,
        city_code,
        year,
        {{ ordered_sum('weight * deviation', 'indicator_code') }} as total,
        count(deviation) as components_present
    from deviation
    group by index_id, city_code, year
),

degree as (
    select
        deviation.*,
        case
            when total.components_present < deviation.components then null
            -- Best in everything: nothing holds the city back.
            when total.total <= {{ rounding_share() }} then 0
            else deviation.weight * deviation.deviation / total.total
        end as obstacle_degree
    from deviation
    inner join total
        on
            deviation.index_id = total.index_id
            and deviation.city_code = total.city_code
            and deviation.year = total.year
    where total.components_present > 0
)

select
    index_id,
    city_code,
    year::integer as year,
    indicator_code,
    dimension,
    deviation,
    weight,
    obstacle_degree,
    case
        when obstacle_degree is not null
            then (
                rank() over (
                    partition by index_id, city_code, year
                    order by {{ significant('obstacle_degree') }} desc nulls last
                )
            )::integer
    end as obstacle_rank
from degree
