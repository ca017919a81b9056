{{ config(pre_hook="{{ use_threads(2) }}", post_hook="{{ use_threads(1) }}") }}
-- One row per cell of the sheets that are to be read: as printed, and as it is compared.
select
    cell.file_key,
    cell.sheet_index,
    cell.row_number,
    cell.column_number,
    cell.text,
    cell.kind,
    cell.row_span,
    cell.column_span,
    case when cell.kind = 'text' then {{ text_key('cell.text') }} else cell.text end as text_key
from {{ source('raw', 'yearbook_cell') }} as cell
inner join {{ ref('stg_yearbook__sheet') }} as sheet
    on cell.file_key = sheet.file_key and cell.sheet_index = sheet.sheet_index
where sheet.decision = 'load'
