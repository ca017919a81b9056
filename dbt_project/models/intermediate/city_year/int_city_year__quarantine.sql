-- One row per figure that was read well and has no place: unknown, ambiguous or abolished city, a province's total.
select
    placed.file_key,
    placed.sheet_index,
    placed.row_number,
    placed.column_number,
    placed.cell_id,
    sheet.relative_path,
    sheet.sheet_name,
    placed.source_id,
    placed.edition,
    placed.city_name_printed,
    placed.city_code_printed,
    placed.statistic_year,
    placed.heading_printed,
    placed.indicator_code,
    placed.scope,
    placed.unit_printed,
    placed.value_text,
    placed.quarantine_reason as reason
from {{ ref('int_city_year__placed') }} as placed
inner join {{ ref('stg_yearbook__sheet') }} as sheet
    on placed.file_key = sheet.file_key and placed.sheet_index = sheet.sheet_index
where placed.quarantine_reason is not null
