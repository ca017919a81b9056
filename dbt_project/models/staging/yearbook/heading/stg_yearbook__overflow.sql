-- One row per cell of a text file that stands to the right of its heading: its row has more fields than the heading, most
-- likely by a comma between thousands that nobody quoted, so that no cell of the row can be told.
with widths as (
    select
        block.file_key,
        block.sheet_index,
        block.block_row,
        block.heading_end_row,
        block.end_row,
        max(cell.row_width) as heading_width
    from {{ ref('stg_yearbook__block') }} as block
    inner join {{ ref('stg_yearbook__cell') }} as cell
        on
            block.file_key = cell.file_key
            and block.sheet_index = cell.sheet_index
            and cell.row_number between block.block_row and block.heading_end_row
    left join {{ ref('stg_yearbook__region') }} as region
        on block.file_key = region.file_key and block.sheet_index = region.sheet_index
    where cell.row_width is not null and region.file_key is null
    group by block.file_key, block.sheet_index, block.block_row, block.heading_end_row, block.end_row
)

select
    widths.file_key,
    widths.sheet_index,
    widths.block_row,
    cell.row_number,
    cell.column_number
from widths
inner join {{ ref('stg_yearbook__cell') }} as cell
    on
        widths.file_key = cell.file_key
        and widths.sheet_index = cell.sheet_index
        and widths.heading_width < cell.column_number
        and cell.row_number > widths.heading_end_row
        and cell.row_number <= widths.end_row
where {{ parse_number('cell.text_key') }} is not null
