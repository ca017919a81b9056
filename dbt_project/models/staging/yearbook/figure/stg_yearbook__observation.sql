{{ config(pre_hook="{{ use_threads(2) }}", post_hook="{{ use_threads(1) }}") }}
-- One row per figure as printed: city name as printed x statistic year x heading x scope. No imputation, no deflating.
select
    value_cell.file_key,
    value_cell.sheet_index,
    value_cell.row_number,
    value_cell.column_number,
    {{ printed_cell_id('value_cell') }} as cell_id,
    sheet.source_id,
    sheet.publisher,
    sheet.priority,
    sheet.edition,
    page_row.city_name_printed,
    page_row.name_key,
    page_row.city_code_printed,
    page_row.province_key,
    page_row.running_province_key,
    sheet.has_names_of_year,
    value_cell.statistic_year,
    value_cell.heading_printed,
    value_cell.indicator_code,
    value_cell.scope,
    value_cell.unit_printed,
    indicator.unit,
    value_cell.unit_factor,
    value_cell.value_text,
    value_cell.value,
    value_cell.value_in_unit,
    value_cell.is_computed
from {{ ref('stg_yearbook__value_cell') }} as value_cell
inner join {{ ref('stg_yearbook__row') }} as page_row
    on
        value_cell.file_key = page_row.file_key
        and value_cell.sheet_index = page_row.sheet_index
        and value_cell.row_number = page_row.row_number
inner join {{ ref('stg_yearbook__sheet') }} as sheet
    on value_cell.file_key = sheet.file_key and value_cell.sheet_index = sheet.sheet_index
left join {{ ref('indicator') }} as indicator on value_cell.indicator_code = indicator.indicator_code
{{ join_region('value_cell') }}
left join {{ ref('stg_yearbook__contradicted_cell') }} as contradicted
    on
        value_cell.file_key = contradicted.file_key
        and value_cell.sheet_index = contradicted.sheet_index
        and value_cell.row_number = contradicted.row_number
        and value_cell.column_number = contradicted.column_number
where
    value_cell.quarantine_reason is null
    and not value_cell.is_missing_mark
    and contradicted.file_key is null
