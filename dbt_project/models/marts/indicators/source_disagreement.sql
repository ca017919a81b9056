-- One row per figure on which two sources differ by more than 5 %: both values, both cells.
{% set tolerance = 0.05 %}
with ranked as (
    select
        observation.*,
        row_number() over (
            partition by
                observation.city_code, observation.year, observation.indicator_code, observation.scope,
                observation.source_id
            order by {{ claim_order('observation', 'sheet') }}
        ) as claim,
        min(observation.priority) over (
            partition by
                observation.city_code, observation.year, observation.indicator_code, observation.scope,
                observation.source_id
        ) as first_priority
    from {{ ref('int_city_year__observation') }} as observation
    inner join {{ ref('int_city_year__repeated') }} as repeated
        on
            observation.city_code = repeated.city_code
            and observation.year = repeated.year
            and observation.indicator_code = repeated.indicator_code
            and observation.scope = repeated.scope
    left join {{ ref('stg_yearbook__sheet') }} as sheet
        on observation.file_key = sheet.file_key and observation.sheet_index = sheet.sheet_index
),

by_source as (
    select
        city_code,
        year,
        indicator_code,
        scope,
        source_id,
        value,
        cell_id,
        first_priority as priority
    from ranked
    where claim = 1
)

select
    kept.city_code,
    kept.year::integer as year,
    kept.indicator_code,
    kept.scope,
    kept.source_id as kept_source_id,
    kept.value as kept_value,
    kept.cell_id as kept_cell_id,
    other.source_id as other_source_id,
    other.value as other_value,
    other.cell_id as other_cell_id,
    greatest(kept.value, other.value) / least(kept.value, other.value) as ratio
from by_source as kept
inner join by_source as other
    on
        kept.city_code = other.city_code
        and kept.year = other.year
        and kept.indicator_code = other.indicator_code
        and kept.scope = other.scope
        and (kept.priority, kept.source_id) < (other.priority, other.source_id)
inner join {{ ref('int_city_year__reconciled') }} as reconciled
    on
        kept.city_code = reconciled.city_code
        and kept.year = reconciled.year
        and kept.indicator_code = reconciled.indicator_code
        and kept.scope = reconciled.scope
        and kept.source_id = reconciled.source_id
where
    least(kept.value, other.value) > 0
    and greatest(kept.value, other.value) / least(kept.value, other.value) > 1 + {{ tolerance }}
