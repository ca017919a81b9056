-- One row per city x year x indicator x scope: the source with the first claim, the latest edition within it.
-- Where other sources outvote it, the seed of checks may let the majority's figure stand, or leave the figure out.
-- What a compiler computed never goes before what was printed.
with published_once as (
    select
        observation.*,
        1 as values_published,
        observation.value as lowest_value,
        observation.value as highest_value
    from {{ ref('int_city_year__observation') }} as observation
    left join {{ ref('int_city_year__repeated') }} as repeated
        on
            observation.city_code = repeated.city_code
            and observation.year = repeated.year
            and observation.indicator_code = repeated.indicator_code
            and observation.scope = repeated.scope
    where repeated.city_code is null
),

ranked as (
    select
        observation.*,
        -- Figures of one edition agree but for rounding: the one with more digits, then the first by file and cell.
        row_number() over (
            partition by observation.city_code, observation.year, observation.indicator_code, observation.scope
            order by
                observation.is_computed asc,
                coalesce(vote.camp_source_id = observation.source_id, false) desc,
                observation.priority asc,
                {{ claim_order('observation', 'sheet') }}
        ) as claim,
        count(*) over same_figure as values_published,
        min(observation.value) over same_figure as lowest_value,
        max(observation.value) over same_figure as highest_value
    from {{ ref('int_city_year__observation') }} as observation
    inner join {{ ref('int_city_year__repeated') }} as repeated
        on
            observation.city_code = repeated.city_code
            and observation.year = repeated.year
            and observation.indicator_code = repeated.indicator_code
            and observation.scope = repeated.scope
    left join {{ ref('stg_yearbook__sheet') }} as sheet
        on observation.file_key = sheet.file_key and observation.sheet_index = sheet.sheet_index
    left join {{ ref('int_city_year__vote') }} as vote
        on
            observation.city_code = vote.city_code
            and observation.year = vote.year
            and observation.indicator_code = vote.indicator_code
            and observation.scope = vote.scope
            and vote.is_outvoted
            and vote.decision = 'take_majority'
    window
        same_figure as (
            partition by observation.city_code, observation.year, observation.indicator_code, observation.scope
        )
),

claimed as (
    select * from published_once
    union all
    select * exclude (claim) from ranked
    where claim = 1
),

left_out as (
    select
        city_code,
        year,
        indicator_code,
        scope
    from {{ ref('int_city_year__vote') }}
    where is_outvoted and decision = 'leave_out'
)

select
    claimed.city_code,
    claimed.year,
    claimed.indicator_code,
    claimed.scope,
    claimed.value,
    claimed.unit,
    claimed.source_id,
    claimed.edition,
    claimed.cell_id,
    claimed.is_computed,
    claimed.values_published,
    case
        when claimed.lowest_value > 0 then claimed.highest_value / claimed.lowest_value - 1
        when claimed.lowest_value = claimed.highest_value then 0
    end as relative_disagreement
from claimed
left join left_out
    on
        claimed.city_code = left_out.city_code
        and claimed.year = left_out.year
        and claimed.indicator_code = left_out.indicator_code
        and claimed.scope = left_out.scope
where left_out.city_code is null
