-- One row per figure that can't be used as it stands, with the reason. Nothing is dropped.
with unusable as (
    select
        value_cell.*,
        coalesce(
            value_cell.quarantine_reason,
            case when contradicted.file_key is not null then 'conflict_in_sheet' end
        ) as reason
    from {{ ref('stg_yearbook__value_cell') }} as value_cell
    left join {{ ref('stg_yearbook__contradicted_cell') }} as contradicted
        on
            value_cell.file_key = contradicted.file_key
            and value_cell.sheet_index = contradicted.sheet_index
            and value_cell.row_number = contradicted.row_number
            and value_cell.column_number = contradicted.column_number
    where value_cell.quarantine_reason is not null or contradicted.file_key is not null
)

select
    unusable.file_key,
    unusable.sheet_index,
    unusable.row_number,
    unusable.column_number,
    {{ printed_cell_id('unusable') }} as cell_id,
    sheet.relative_path,
    sheet.sheet_name,
    sheet.source_id,
    sheet.edition,
    page_row.city_name_printed,
    unusable.statistic_year,
    unusable.heading_printed,
    unusable.heading_key,
    unusable.indicator_code,
    unusable.scope,
    unusable.unit_printed,
    unusable.value_text,
    unusable.reason
from unusable
inner join {{ ref('stg_yearbook__row') }} as page_row
    on
        unusable.file_key = page_row.file_key
        and unusable.sheet_index = page_row.sheet_index
        and unusable.row_number = page_row.row_number
inner join {{ ref('stg_yearbook__sheet') }} as sheet
    on unusable.file_key = sheet.file_key and unusable.sheet_index = sheet.sheet_index
{{ join_region('unusable') }}
