-- One row per city x year x indicator x scope: the source with the first claim, the latest edition within it.
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
)

select
    city_code,
    year,
    indicator_code,
    scope,
    value,
    unit,
    source_id,
    edition,
    cell_id,
    values_published,
    case
        when lowest_value > 0 then highest_value / lowest_value - 1
        when lowest_value = highest_value then 0
    end as relative_disagreement
from claimed
