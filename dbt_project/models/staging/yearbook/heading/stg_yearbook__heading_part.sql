-- One row per column of a block and row of its heading that says something of it: its own text, or that of an upper
-- heading which stands open over it.
with blocks as (
    select
        file_key,
        sheet_index,
        block_row,
        column_number_row,
        end_row,
        city_line,
        year_line,
        scope_line,
        -- Numbers of the columns are no part of any heading.
        case when column_number_row = heading_end_row then heading_end_row - 1 else heading_end_row end
            as heading_end_row
    from {{ ref('stg_yearbook__block') }}
),

header_cells as (
    select
        block.file_key,
        block.sheet_index,
        block.block_row,
        cell.row_number as origin_row,
        cell.column_number as origin_column,
        cell.text,
        least(cell.row_number + coalesce(cell.row_span, 1) - 1, block.heading_end_row) as last_row,
        unnest(
            generate_series(cell.column_number, cell.column_number + coalesce(cell.column_span, 1) - 1)
        ) as column_number
    from blocks as block
    inner join {{ ref('stg_yearbook__cell') }} as cell
        on
            block.file_key = cell.file_key
            and block.sheet_index = cell.sheet_index
            and cell.row_number between block.block_row and block.heading_end_row
            and cell.row_number is distinct from block.column_number_row
),

covered as (
    select
        *,
        unnest(generate_series(origin_row, last_row)) as row_number
    from header_cells
),

block_columns as (
    select
        block.file_key,
        block.sheet_index,
        block.block_row,
        block.heading_end_row,
        block.city_line is not null as is_turned,
        unnest(generate_series(1, max(cell.column_number + coalesce(cell.column_span, 1) - 1))) as column_number
    from blocks as block
    inner join {{ ref('stg_yearbook__cell') }} as cell
        on
            block.file_key = cell.file_key
            and block.sheet_index = cell.sheet_index
            and cell.row_number between block.block_row and block.end_row
    group by block.file_key, block.sheet_index, block.block_row, block.heading_end_row, block.city_line
),

-- A blank that is merged is a heading that says nothing: what stands to its left ends there.
blank_areas as (
    select
        area.file_key,
        area.sheet_index,
        area.first_row,
        area.last_row,
        area.first_column,
        area.last_column
    from {{ source('raw', 'yearbook_merged_area') }} as area
    left join {{ source('raw', 'yearbook_cell') }} as cell
        on
            area.file_key = cell.file_key
            and area.sheet_index = cell.sheet_index
            and area.first_row = cell.row_number
            and area.first_column = cell.column_number
    where cell.file_key is null
),

grid as (
    select
        block_columns.file_key,
        block_columns.sheet_index,
        block_columns.block_row,
        block_columns.heading_end_row,
        block_columns.is_turned,
        block_columns.column_number,
        unnest(generate_series(block_columns.block_row, block_columns.heading_end_row)) as row_number
    from block_columns
),

placed as (
    select
        grid.file_key,
        grid.sheet_index,
        grid.block_row,
        grid.heading_end_row,
        grid.is_turned,
        grid.column_number,
        grid.row_number,
        coalesce(
            min_by(covered.text, covered.origin_column), case when bool_or(blank.file_key is not null) then '' end
        ) as own_text,
        coalesce(
            min_by(covered.origin_row, covered.origin_column),
            case when bool_or(blank.file_key is not null) then min(grid.row_number) end
        ) as origin_row,
        coalesce(
            min(covered.origin_column),
            case when bool_or(blank.file_key is not null) then min(grid.column_number) end
        ) as origin_column
    from grid
    left join blank_areas as blank
        on
            grid.file_key = blank.file_key
            and grid.sheet_index = blank.sheet_index
            and grid.row_number between blank.first_row and blank.last_row
            and grid.column_number between blank.first_column and blank.last_column
    left join covered
        on
            grid.file_key = covered.file_key
            and grid.sheet_index = covered.sheet_index
            and grid.block_row = covered.block_row
            and grid.row_number = covered.row_number
            and grid.column_number = covered.column_number
    group by all
),

to_the_left as (
    select
        *,
        last_value(own_text ignore nulls) over row_so_far as left_text,
        last_value(origin_row ignore nulls) over row_so_far as left_row,
        last_value(origin_column ignore nulls) over row_so_far as left_column
    from placed
    window
        row_so_far as (
            partition by file_key, sheet_index, block_row, row_number
            order by column_number
        )
),

over_it as (
    select
        *,
        max(left_column) over (
            partition by file_key, sheet_index, block_row, column_number
            order by row_number
            rows between unbounded preceding and 1 preceding
        ) as column_above
    from to_the_left
)

-- An upper heading that was not merged stands over the columns to its right as well, as far as the heading above it.
select
    file_key,
    sheet_index,
    block_row,
    column_number,
    row_number,
    own_text is not null as is_own,
    left_text as text
from over_it
where
    left_row = row_number
    and left_text <> ''
    and (
        own_text is not null
        -- Turned, it is a row without a name, and not that of the row above.
        or (row_number < heading_end_row and left_column >= coalesce(column_above, 0) and not is_turned)
    )
