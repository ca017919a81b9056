-- One row per figure that was published more than once and source that prints it: the figure that counts of the source.
with ranked as (
    select
        observation.*,
        row_number() over (
            partition by
                observation.city_code, observation.year, observation.indicator_code, observation.scope,
                observation.source_id
            order by
                observation.priority asc,
                {{ claim_order('observation', 'sheet') }}
        ) as claim
    from {{ ref('int_city_year__observation') }} as observation
    inner join {{ ref('int_city_year__repeated') }} as repeated
        on
            observation.city_code = repeated.city_code
            and observation.year = repeated.year
            and observation.indicator_code = repeated.indicator_code
            and observation.scope = repeated.scope
    left join {{ ref('stg_yearbook__sheet') }} as sheet
        on observation.file_key = sheet.file_key and observation.sheet_index = sheet.sheet_index
)

select
    city_code,
    year,
    indicator_code,
    scope,
    source_id,
    priority,
    value,
    cell_id,
    row_number() over (
        partition by city_code, year, indicator_code, scope
        order by priority, source_id
    ) as standing
from ranked
-- What a compiler computed is no vote for or against what is printed.
where claim = 1 and not coalesce(is_computed, false)
