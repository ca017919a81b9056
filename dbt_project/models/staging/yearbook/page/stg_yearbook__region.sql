-- One row per part of a sheet that is read elsewhere than it stands: cities across the top are turned into rows, and a
-- table to the right of another is put below it. Only staging knows of it: a figure keeps its printed address.
with
parts as (
    select
        turned.file_key,
        turned.sheet_index,
        turned.first_row,
        turned.last_row,
        turned.first_column,
        2147483647 as last_column,
        true as is_turned,
        turned.first_city_column - turned.first_column as heading_lines,
        turned.city_row - turned.first_row + 1 as city_line,
        turned.last_key_row - turned.first_row + 1 as key_lines
    from {{ ref('stg_yearbook__turned') }} as turned
    where turned.first_column is not null
    union all
    select
        file_key,
        sheet_index,
        first_row,
        last_row,
        first_column,
        last_column,
        false as is_turned,
        null as heading_lines,
        null as city_line,
        null as key_lines
    from {{ ref('stg_yearbook__beside') }}
),

-- Where two claim the same cells the upper one has them.
claimed as (
    select *
    from parts
    where
        not exists (
            select 1
            from parts as upper
            where
                upper.file_key = parts.file_key
                and upper.sheet_index = parts.sheet_index
                and upper.is_turned
                and upper.first_row < parts.first_row
                and upper.last_row >= parts.first_row
        )
),

extent as (
    select
        file_key,
        sheet_index,
        max(row_number) as last_row,
        max(column_number) as last_column
    from {{ ref('stg_yearbook__arranged_cell') }}
    group by file_key, sheet_index
),

sized as (
    select
        claimed.*,
        extent.last_row as sheet_last_row,
        least(claimed.last_column, extent.last_column) as right_column,
        case
            when claimed.is_turned then extent.last_column - claimed.first_column + 1
            else claimed.last_row - claimed.first_row + 1
        end as lines
    from claimed
    inner join extent on claimed.file_key = extent.file_key and claimed.sheet_index = extent.sheet_index
),

-- Below all that stands in the sheet, with room for a title between: nothing shares a row with anything else.
placed as (
    select
        *,
        sheet_last_row + 16 + coalesce(
            sum(lines + 16) over (
                partition by file_key, sheet_index
                order by first_row, first_column
                rows between unbounded preceding and 1 preceding
            ),
            0
        ) as row_base
    from sized
)

select
    placed.file_key,
    placed.sheet_index,
    placed.first_row,
    placed.last_row,
    placed.first_column,
    placed.right_column as last_column,
    placed.is_turned,
    placed.row_base::integer as row_base,
    placed.lines::integer as lines,
    placed.heading_lines,
    placed.city_line,
    placed.key_lines,
    min(band.place) filter (where band.is_year) + placed.city_line as year_line,
    min(band.place) filter (where band.is_scope) + placed.city_line as scope_line
from placed
left join {{ ref('stg_yearbook__city_band') }} as band
    on
        placed.file_key = band.file_key
        and placed.sheet_index = band.sheet_index
        and placed.city_line + placed.first_row - 1 = band.city_row
        and band.belongs
        and band.city_row + band.place between placed.first_row and placed.first_row + placed.key_lines - 1
group by
    placed.file_key, placed.sheet_index, placed.first_row, placed.last_row, placed.first_column, placed.right_column,
    placed.is_turned, placed.row_base, placed.lines, placed.heading_lines, placed.city_line, placed.key_lines
