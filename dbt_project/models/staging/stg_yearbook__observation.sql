-- One row per figure as printed: city name as printed x statistic year x heading x scope. No imputation, no deflating.
select
    file_key,
    sheet_index,
    row_number,
    column_number,
    cell_id,
    source_id,
    publisher,
    priority,
    edition,
    city_name_printed,
    name_key,
    city_code_printed,
    province_key,
    running_province_key,
    statistic_year,
    heading_printed,
    indicator_code,
    scope,
    unit_printed,
    unit,
    unit_factor,
    value_text,
    value,
    value_in_unit
from {{ ref('stg_yearbook__value_cell') }}
where quarantine_reason is null and not is_missing_mark
