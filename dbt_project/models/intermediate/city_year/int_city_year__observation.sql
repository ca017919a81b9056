{{ config(materialized='view') }}
-- One row per city x year x indicator x scope x source cell: all that was published, none preferred yet.
select
    place.city_code,
    observation.statistic_year as year,
    observation.indicator_code,
    observation.scope,
    observation.value_in_unit as value,
    observation.unit,
    observation.source_id,
    observation.priority,
    observation.edition,
    observation.file_key,
    observation.sheet_index,
    observation.row_number,
    observation.column_number,
    observation.cell_id,
    observation.value_text,
    observation.unit_printed,
    observation.unit_factor,
    observation.is_computed,
    -- How far apart neighbouring figures are as this one was printed.
    observation.unit_factor * {{ rounding_step('observation.value_text') }} as print_step
from {{ without_catalog(ref('stg_yearbook__observation')) }} as observation
inner join {{ without_catalog(ref('int_place__row')) }} as place
    on
        observation.file_key = place.file_key
        and observation.sheet_index = place.sheet_index
        and observation.row_number = place.row_number
        and observation.statistic_year = place.statistic_year
left join {{ without_catalog(ref('int_city_year__contradicted')) }} as contradicted
    on
        observation.file_key = contradicted.file_key
        and observation.sheet_index = contradicted.sheet_index
        and observation.row_number = contradicted.row_number
        and observation.column_number = contradicted.column_number
where place.reason is null and contradicted.reason is null
