-- One row per cell that shows that its row has more fields than the heading of a text file or web page, most likely
-- by a comma between thousands that nobody quoted, so that no cell of the row can be told: figures to the right of
-- the heading; and the last figure of a row whose further fields are blank, where other rows fit.
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
),

figures as (
    select
        widths.file_key,
        widths.sheet_index,
        widths.block_row,
        cell.row_number,
        cell.column_number,
        cell.column_number > widths.heading_width as is_beyond,
        cell.row_width > widths.heading_width as is_wide,
        max(cell.column_number) over in_row as last_column,
        bool_or(cell.row_width <= widths.heading_width)
            over (partition by widths.file_key, widths.sheet_index, widths.block_row) as others_fit
    from widths
    inner join {{ ref('stg_yearbook__cell') }} as cell
        on
            widths.file_key = cell.file_key
            and widths.sheet_index = cell.sheet_index
            and widths.heading_end_row < cell.row_number
            and widths.end_row >= cell.row_number
    where cell.column_number > 1 and {{ parse_number('cell.text_key') }} is not null
    window in_row as (partition by widths.file_key, widths.sheet_index, widths.block_row, cell.row_number)
)

select
    file_key,
    sheet_index,
    block_row,
    row_number,
    column_number
from figures
where is_beyond or (is_wide and others_fit and column_number = last_column)
