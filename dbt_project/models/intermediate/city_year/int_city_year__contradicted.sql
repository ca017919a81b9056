-- One row per figure of a city that its own sheet, or another page of its own edition, contradicts, with the reason.
-- Between editions and sources a stated order decides; within one edition there is none: neither can be believed.
with repeated as (
    select
        observation.file_key,
        observation.sheet_index,
        observation.row_number,
        observation.column_number,
        place.city_code,
        observation.statistic_year,
        observation.indicator_code,
        observation.scope,
        observation.source_id,
        observation.edition,
        observation.value_in_unit,
        observation.is_computed,
        -- What was printed with one decimal stands for all values that round to it.
        observation.unit_factor * {{ rounding_step('observation.value_text') }} / 2 as half_step
    from {{ ref('stg_yearbook__observation') }} as observation
    inner join {{ ref('int_place__row') }} as place
        on
            observation.file_key = place.file_key
            and observation.sheet_index = place.sheet_index
            and observation.row_number = place.row_number
            and observation.statistic_year = place.statistic_year
    inner join {{ ref('int_city_year__repeated') }} as repeated
        on
            place.city_code = repeated.city_code
            and observation.statistic_year = repeated.year
            and observation.indicator_code = repeated.indicator_code
            and observation.scope = repeated.scope
    where place.reason is null
),

-- One city under two names in a sheet; the same name twice is settled in staging.
in_sheet as (
    select
        *,
        min(value_in_unit) over same_sheet <> max(value_in_unit) over same_sheet as differs_in_sheet
    from repeated
    window
        same_sheet as (
            partition by file_key, sheet_index, city_code, statistic_year, indicator_code, scope, is_computed
        )
),

-- Figures agree when one value can have been printed as each of them.
in_edition as (
    select
        *,
        max(value_in_unit - half_step) over same_edition
        > min(value_in_unit + half_step) over same_edition + 1e-9 * abs(value_in_unit) as differs_in_edition
    from in_sheet
    -- What a compiler computed contradicts no print.
    where not differs_in_sheet and not coalesce(is_computed, false)
    window same_edition as (partition by city_code, statistic_year, indicator_code, scope, source_id, edition)
)

select
    file_key,
    sheet_index,
    row_number,
    column_number,
    'city_twice_in_sheet' as reason
from in_sheet
where differs_in_sheet
union all
select
    file_key,
    sheet_index,
    row_number,
    column_number,
    'conflict_in_edition' as reason
from in_edition
where differs_in_edition
