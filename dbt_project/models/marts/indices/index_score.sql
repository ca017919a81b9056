-- One row per index x city x year: the weighted sum of its scaled components, or with TOPSIS the closeness to the
-- ideal; null when a component is missing. One that nobody has in a period has no weight there and is missing as well.
with whole as (
    select *
    from {{ ref('int_index__part') }}
    where dimension is null
),

weighted_sum as (
    select
        index_id,
        city_code,
        year,
        components,
        figures,
        {{ list_dot('figures', 'factors') }} + constant as score
    from (
        select
            whole.index_id,
            whole.components,
            whole.factors,
            whole.constant,
            scaled.city_code,
            scaled.year,
            {{ list_picked('scaled.scaled', 'whole.positions') }} as figures
        from whole
        inner join {{ ref('int_index__scaled') }} as scaled
            on whole.frame_number = scaled.frame_number and whole.period = scaled.period
        where whole.aggregation = 'weighted_sum'
    ) as picked
),

-- The ideal is the best of the period in everything, the anti-ideal the worst: a city beyond either counts as there.
distance as (
    select
        index_id,
        city_code,
        year,
        components,
        weighted,
        {{ list_gap('weighted', 'factors') }} as to_ideal,
        sqrt({{ list_dot('weighted', 'weighted') }}) as to_anti_ideal
    from (
        select
            whole.index_id,
            whole.components,
            whole.factors,
            scaled.city_code,
            scaled.year,
            {{ list_cut_times(list_picked('scaled.scaled', 'whole.positions'), 'whole.factors') }} as weighted
        from whole
        inner join {{ ref('int_index__scaled') }} as scaled
            on whole.frame_number = scaled.frame_number and whole.period = scaled.period
        where whole.aggregation = 'topsis'
    ) as picked
),

measured as (
    select *
    from weighted_sum
    union all
    select
        index_id,
        city_code,
        year,
        components,
        weighted as figures,
        -- Where the ideal is the anti-ideal nothing varies.
        case
            when to_ideal + to_anti_ideal <= {{ rounding_share() }} then 0
            else to_anti_ideal / (to_ideal + to_anti_ideal)
        end as score
    from distance
),

scored as (
    select
        index_id,
        city_code,
        year,
        components,
        case when isnan(score) then {{ list_numbers('figures') }} else components end as components_present,
        case when not isnan(score) then score end as score
    from measured
),

ranked as (
    select
        *,
        case
            when score is not null
                then rank() over (partition by index_id, year order by {{ significant('score') }} desc nulls last)
        end as rank
    from scored
    where components_present > 0
),

-- Components that were interpolated, or derived from figures that were.
imputed as (
    select distinct
        component.index_id,
        value.city_code,
        value.year
    from {{ ref('indicator_value') }} as value
    inner join {{ ref('int_index__component') }} as component
        on value.indicator_code = component.indicator_code and value.scope = component.scope
    where value.is_imputed
),

suspect as (
    select
        index_id,
        city_code,
        year,
        string_agg(distinct suspect_figure, ', ' order by suspect_figure) as suspect_figures
    from {{ ref('int_index__suspect') }}
    group by index_id, city_code, year
)

select
    ranked.index_id,
    ranked.city_code,
    ranked.year::integer as year,
    ranked.score,
    ranked.rank::integer as rank,
    (before.rank - ranked.rank)::integer as rank_change,
    ranked.components::integer as components,
    ranked.components_present::integer as components_present,
    imputed.index_id is not null as is_imputed,
    suspect.suspect_figures is not null as has_suspect_figure,
    suspect.suspect_figures
from ranked
left join ranked as before
    on
        ranked.index_id = before.index_id
        and ranked.city_code = before.city_code
        and ranked.year = before.year + 1
left join imputed
    on
        ranked.index_id = imputed.index_id
        and ranked.city_code = imputed.city_code
        and ranked.year = imputed.year
left join suspect
    on
        ranked.index_id = suspect.index_id
        and ranked.city_code = suspect.city_code
        and ranked.year = suspect.year
