-- One row per index x period x part: which positions of the scaled figures a sum takes, and by which factors. A part is
-- the whole index (dimension null) or one of its dimensions, inside which weights are made to add up to 1; `share` is
-- what they added up to before. With s the min-max scaled figure, m the minimum, r the range of its component:
--   min_max  sum of w s;   z_score  sum of w (r / deviation) s + sum of w (m - mean) / deviation
--   vector   x / length: from the worst w (r / length) s, from the best w (r / length) (1 - s); for TOPSIS
-- A component without a weight in the period stays in, so that the sum is missing.
with weighted_period as (
    select distinct
        index_id,
        period
    from {{ ref('index_weight') }}
),

weighted as (
    select
        component.index_id,
        component.frame_number,
        component.aggregation,
        component.dimension,
        component.has_dimensions,
        component.position,
        weighted_period.period,
        coalesce(weight.weight, 0) as weight,
        case
            when not coalesce({{ varies('statistic.minimum', 'statistic.maximum') }}, false) then 0
            when component.scaling = 'z_score' then (statistic.maximum - statistic.minimum) / statistic.deviation
            when component.scaling = 'vector' then (statistic.maximum - statistic.minimum) / statistic.length
            else 1
        end as factor,
        case
            when not coalesce({{ varies('statistic.minimum', 'statistic.maximum') }}, false) then 0
            when component.scaling = 'z_score' then (statistic.minimum - statistic.mean) / statistic.deviation
            else 0
        end as constant
    from {{ ref('int_index__component') }} as component
    inner join weighted_period on component.index_id = weighted_period.index_id
    left join {{ ref('index_weight') }} as weight
        on
            component.index_id = weight.index_id
            and weighted_period.period = weight.period
            and component.indicator_code = weight.indicator_code
    left join {{ ref('int_index__statistic') }} as statistic
        on
            component.frame_number = statistic.frame_number
            and weighted_period.period = statistic.period
            and component.position = statistic.position
),

dimension_total as (
    select
        index_id,
        period,
        dimension,
        {{ ordered_sum('weight', 'position') }} as share,
        count(*) as components
    from weighted
    group by index_id, period, dimension
),

part as (
    select
        index_id,
        frame_number,
        aggregation,
        period,
        null as dimension,
        position,
        factor,
        constant,
        weight,
        1.0 as share
    from weighted
    union all
    select
        weighted.index_id,
        weighted.frame_number,
        weighted.aggregation,
        weighted.period,
        weighted.dimension,
        weighted.position,
        weighted.factor,
        weighted.constant,
        -- Components of a dimension without weight weigh the same inside it.
        case
            when dimension_total.share > {{ rounding_share() }} then weighted.weight / dimension_total.share
            else 1.0 / dimension_total.components
        end as weight,
        dimension_total.share
    from weighted
    inner join dimension_total
        on
            weighted.index_id = dimension_total.index_id
            and weighted.period = dimension_total.period
            and weighted.dimension = dimension_total.dimension
    -- A closeness to an ideal is no sum of parts.
    where weighted.has_dimensions and weighted.aggregation = 'weighted_sum'
)

select
    index_id,
    frame_number,
    aggregation,
    period,
    dimension,
    share::double as share,
    count(*)::integer as components,
    {{ list_by('position', 'position') }} as positions,
    {{ list_by('weight * factor', 'position') }} as factors,
    {{ list_total(list_by('weight * constant', 'position')) }} as constant
from part
group by index_id, frame_number, aggregation, period, dimension, share
