-- One row per cell near a row of key words, which may be part of its heading or of what stands above it.
with
-- Parts that are read elsewhere than they stand: their caption is above the place where they stand.
regions as (
    select
        region.*,
        region.row_base + 1 as key_row,
        max(above.last_row) as last_row_above
    from {{ ref('stg_yearbook__region') }} as region
    left join {{ ref('stg_yearbook__region') }} as above
        on
            region.file_key = above.file_key
            and region.sheet_index = above.sheet_index
            and region.first_row > above.last_row
    group by all
),

key_rows as (
    select
        file_key,
        sheet_index,
        row_number,
        min(column_number) as key_column,
        max(last_row) as last_row,
        false as is_turned
    from {{ ref('stg_yearbook__key_cell') }} as key_cells
    where
        not exists (
            select 1
            from regions
            where
                regions.is_turned
                and regions.file_key = key_cells.file_key
                and regions.sheet_index = key_cells.sheet_index
                and key_cells.row_number between regions.row_base + 1 and regions.row_base + regions.lines
        )
    group by file_key, sheet_index, row_number
    union all
    select
        file_key,
        sheet_index,
        key_row as row_number,
        city_line as key_column,
        row_base + heading_lines as last_row,
        true as is_turned
    from regions
    where is_turned
),

-- The rows that may be heading or title: those near the key words.
near_cells as (
    select
        key_rows.file_key,
        key_rows.sheet_index,
        key_rows.row_number as key_row,
        key_rows.key_column,
        key_rows.last_row,
        key_rows.is_turned,
        cell.row_number,
        cell.column_number,
        cell.kind,
        cell.text,
        {{ text_key('cell.text') }} as text_key
    from key_rows
    inner join {{ ref('stg_yearbook__cell') }} as cell
        on
            key_rows.file_key = cell.file_key
            and key_rows.sheet_index = cell.sheet_index
            and cell.row_number between key_rows.row_number - 12 and key_rows.last_row + 4
    union all
    select
        key_rows.file_key,
        key_rows.sheet_index,
        key_rows.row_number as key_row,
        key_rows.key_column,
        key_rows.last_row,
        key_rows.is_turned,
        key_rows.row_number - (regions.first_row - cell.row_number) as row_number,
        cell.column_number,
        cell.kind,
        cell.text,
        {{ text_key('cell.text') }} as text_key
    from key_rows
    inner join regions
        on
            key_rows.file_key = regions.file_key
            and key_rows.sheet_index = regions.sheet_index
            and key_rows.row_number = regions.key_row
    inner join {{ ref('stg_yearbook__cell') }} as cell
        on
            key_rows.file_key = cell.file_key
            and key_rows.sheet_index = cell.sheet_index
            and cell.row_number between regions.first_row - 12 and regions.first_row - 1
)

select
    *,
    -- A year among the headings is no figure.
    coalesce({{ parse_number('text_key') }} is not null and {{ year_alone('text_key') }} is null, false)
        as is_figure
from near_cells
