-- One row per words that speak of all figures of a block: lines of its title, tab, file, folders, unit line, notes.
-- `part` is a key of the seed page_part, or `unit` or `note`.
with lines as (
    select
        file_key,
        sheet_index,
        block_row,
        {{ unnest_lines("coalesce(table_title || chr(10), '') || coalesce(continuation_title, '')") }} as text_key
    from {{ ref('stg_yearbook__block') }}
),

-- Notes below a table are read as far as the next one.
notes_below as (
    select
        block.file_key,
        block.sheet_index,
        block.block_row,
        cell.text_key
    from {{ ref('stg_yearbook__cell') }} as cell
    inner join {{ ref('stg_yearbook__sheet') }} as sheet
        -- To search files of millions of cells would cost and find nothing.
        on cell.file_key = sheet.file_key and cell.sheet_index = sheet.sheet_index and sheet.cells <= 200000
    inner join {{ ref('stg_yearbook__block') }} as block
        on
            cell.file_key = block.file_key
            and cell.sheet_index = block.sheet_index
            and cell.row_number > block.heading_end_row
            and cell.row_number <= block.end_row
    where
        cell.kind = 'text'
        and left(cell.text_key, 1) in ('注', '备', '说', '本', '表', '(')
        and length(cell.text_key) between 6 and 300
        and {{ matches('cell.text_key', "'^[(]?(注|备注|说明|本表|表中)'") }}
)

select
    file_key,
    sheet_index,
    block_row,
    'title' as part,
    0 as part_order,
    text_key
from lines
where text_key <> ''
union all
select
    block.file_key,
    block.sheet_index,
    block.block_row,
    page_part.part,
    page_part.part_order,
    page_part.text_key
from {{ ref('stg_yearbook__block') }} as block
inner join {{ ref('stg_yearbook__page_part') }} as page_part
    on
        block.file_key = page_part.file_key
        and block.sheet_index = page_part.sheet_index
        and page_part.part in ('tab', 'file_name', 'folder')
union all
select
    file_key,
    sheet_index,
    block_row,
    'unit' as part,
    0 as part_order,
    unit_line as text_key
from {{ ref('stg_yearbook__block') }}
where unit_line is not null
union all
select
    file_key,
    sheet_index,
    block_row,
    'note' as part,
    0 as part_order,
    {{ unnest_lines('notes') }} as text_key
from {{ ref('stg_yearbook__block') }}
where notes is not null
union all
select
    file_key,
    sheet_index,
    block_row,
    'note' as part,
    0 as part_order,
    text_key
from notes_below
