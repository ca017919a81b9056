-- One row per table block of a sheet: the rows of its heading, and those under it.
with
-- A row that holds a figure is no heading, whatever words stand in it.
anchor_rows as (
    select
        file_key,
        sheet_index,
        row_number,
        key_column,
        last_row,
        is_turned
    from {{ ref('stg_yearbook__near_cell') }}
    where row_number = key_row
    group by file_key, sheet_index, row_number, key_column, last_row, is_turned
    having is_turned or not bool_or(is_figure)
),

-- Chinese above English, 城市 above City, is one heading.
begun as (
    select
        *,
        coalesce(
            lag(last_row) over (partition by file_key, sheet_index order by row_number) < row_number - 1,
            true
        ) as begins
    from anchor_rows
),

numbered as (
    select
        *,
        sum(begins::integer) over (
            partition by file_key, sheet_index
            order by row_number
            rows between unbounded preceding and current row
        ) as block_number
    from begun
),

anchors as (
    select
        file_key,
        sheet_index,
        block_number,
        min(row_number) as row_number,
        max(row_number) as last_key_row,
        max(last_row) as last_row,
        min(key_column) as key_column,
        bool_or(is_turned) as is_turned
    from numbered
    group by file_key, sheet_index, block_number
),

-- Numbers of the columns under a heading, 1 2 3 4 or A B 1 2, count up by one and stand alone in their row.
marked as (
    select
        *,
        {{ column_number('text_key') }} as mark_number,
        {{ column_letter('text_key') }} as is_letter
    from {{ ref('stg_yearbook__near_cell') }}
    where row_number > last_row
),

counted as (
    select
        *,
        mark_number - row_number() over (
            partition by file_key, sheet_index, key_row, row_number, mark_number is null
            order by column_number
        ) as numbers_before
    from marked
),

column_number_rows as (
    select
        file_key,
        sheet_index,
        key_row,
        row_number
    from counted
    group by file_key, sheet_index, key_row, row_number
    having
        bool_and(mark_number is not null or is_letter)
        and count(*) > 1
        and count(distinct numbers_before) <= 1
        -- 7 8 9 beside no letter is a row of figures without a city.
        and (bool_or(is_letter) or min(numbers_before) = 0)
),

first_column_number_row as (
    select
        file_key,
        sheet_index,
        key_row,
        min(row_number) as row_number
    from column_number_rows
    group by file_key, sheet_index, key_row
),

-- The heading ends where a key column is filled again, or where a row holds figures.
below as (
    select
        anchors.file_key,
        anchors.sheet_index,
        anchors.block_number,
        min(near.row_number) filter (where numbers.row_number is not null) as column_number_row,
        min(near.row_number) filter (
            where numbers.row_number is null
            and (
                near.is_figure
                -- A row of units may say so in the key column.
                or (key_cells.column_number is not null and near.text_key not in ('单位', '(单位)', '计量单位'))
            )
        ) as first_filled_row
    from anchors
    inner join {{ ref('stg_yearbook__near_cell') }} as near
        on
            anchors.file_key = near.file_key
            and anchors.sheet_index = near.sheet_index
            and anchors.last_key_row = near.key_row
            and anchors.last_row < near.row_number
    left join {{ ref('stg_yearbook__key_cell') }} as key_cells
        on
            near.file_key = key_cells.file_key
            and near.sheet_index = key_cells.sheet_index
            and near.column_number = key_cells.column_number
            and key_cells.row_number between anchors.row_number and anchors.last_key_row
    left join first_column_number_row as numbers
        on
            near.file_key = numbers.file_key
            and near.sheet_index = numbers.sheet_index
            and near.key_row = numbers.key_row
            and near.row_number = numbers.row_number
    group by anchors.file_key, anchors.sheet_index, anchors.block_number
)

select
    anchors.file_key,
    anchors.sheet_index,
    anchors.block_number,
    anchors.row_number as block_row,
    anchors.key_column,
    anchors.last_row,
    anchors.is_turned,
    case
        when anchors.is_turned then anchors.last_row
        else coalesce(below.first_filled_row - 1, below.column_number_row, anchors.last_row)
    end as heading_end_row,
    case
        when anchors.is_turned or below.column_number_row > below.first_filled_row then null
        else below.column_number_row
    end as column_number_row,
    coalesce(lead(anchors.row_number) over sheet_rows - 1, 2147483647) as end_row
from anchors
left join below
    on
        anchors.file_key = below.file_key
        and anchors.sheet_index = below.sheet_index
        and anchors.block_number = below.block_number
window sheet_rows as (partition by anchors.file_key, anchors.sheet_index order by anchors.row_number)
