-- One row per part of a sheet that is read elsewhere than it stands: cities across the top are turned into rows, and a
-- table to the right of another is put below it. Only staging knows of it: a figure keeps its printed address.
with key_row as (
    select
        file_key,
        sheet_index,
        row_number,
        count(distinct city_code) as cities,
        min(column_number) filter (where city_code is not null) as first_city_column,
        min(column_number) filter (where role = 'indicator') as indicator_column,
        count(*) filter (where role = 'city') as city_headings
    from {{ ref('stg_yearbook__named_cell') }}
    group by file_key, sheet_index, row_number
),

candidate as (
    select
        *,
        city_headings > 1 as has_tables_beside
    from key_row
    where
        city_headings > 1
        or (
            first_city_column > 1
            and (cities > 1 or (cities = 1 and indicator_column < first_city_column))
        )
),

total_name as (
    select name_key from {{ ref('aggregate_name') }}
    union
    select {{ text_key('name_zh') }} as name_key from {{ ref('province') }}
    union
    select {{ text_key('short_zh') }} as name_key from {{ ref('province') }}
),

candidate_sheet as (
    select distinct
        file_key,
        sheet_index
    from candidate
),

-- All cells of the few sheets in which a row may be such a heading.
near_cell as (
    select
        cell.file_key,
        cell.sheet_index,
        cell.row_number,
        cell.column_number,
        cell.text,
        {{ text_key('cell.text') }} as text_key
    from {{ source('raw', 'yearbook_cell') }} as cell
    inner join candidate_sheet
        on cell.file_key = candidate_sheet.file_key and cell.sheet_index = candidate_sheet.sheet_index
),

near as (
    select
        cell.*,
        named.city_code,
        named.role,
        {{ year_alone('cell.text_key') }} is not null as is_year,
        {{ parse_number('cell.text_key') }} is not null and {{ year_alone('cell.text_key') }} is null as is_figure,
        missing_mark.mark is not null as is_mark,
        scope_label.scope is not null as is_scope,
        total_name.name_key is not null as is_total
    from near_cell as cell
    left join {{ ref('stg_yearbook__named_cell') }} as named
        on
            cell.file_key = named.file_key
            and cell.sheet_index = named.sheet_index
            and cell.row_number = named.row_number
            and cell.column_number = named.column_number
    left join {{ ref('missing_mark') }} as missing_mark on cell.text_key = missing_mark.mark
    left join {{ ref('scope_label') }} as scope_label on cell.text_key = scope_label.label_key
    left join total_name on {{ without_name_marks('cell.text_key') }} = total_name.name_key
),

-- ------------------------------------------------------------------ cities across the top
city_row as (
    select
        candidate.file_key,
        candidate.sheet_index,
        candidate.row_number,
        -- The province may stand before its cities.
        min(near.column_number) filter (where near.city_code is not null or near.is_total) as first_city_column
    from candidate
    inner join near
        on
            candidate.file_key = near.file_key
            and candidate.sheet_index = near.sheet_index
            and candidate.row_number = near.row_number
    where candidate.cities > 0
    group by candidate.file_key, candidate.sheet_index, candidate.row_number, candidate.first_city_column
    -- Names beside figures, years or marks are a row of a table.
    having
        not bool_or(near.is_figure or near.is_mark)
        and not bool_or(near.column_number >= candidate.first_city_column and near.is_year)
        and min(near.column_number) filter (where near.city_code is not null or near.is_total) > 1
),

-- Rows above and below it that say years, scopes or codes of the same columns.
band as (
    select
        city_row.file_key,
        city_row.sheet_index,
        city_row.row_number as city_row,
        city_row.first_city_column,
        near.row_number - city_row.row_number as place,
        coalesce(bool_or(near.is_year) filter (where near.column_number >= city_row.first_city_column), false)
            as is_year,
        coalesce(bool_or(near.is_scope) filter (where near.column_number >= city_row.first_city_column), false)
            as is_scope,
        coalesce(
            min(near.role) filter (where near.column_number < city_row.first_city_column)
            in ('year', 'scope', 'city_code', 'city_en', 'province', 'province_code'),
            false
        )
        or coalesce(
            bool_and(near.is_year or near.is_scope or near.is_total) filter (
                where near.column_number >= city_row.first_city_column
            )
            -- Beside other words they are figures that look like years.
            and not bool_or(near.column_number < city_row.first_city_column and near.role is null),
            false
        ) as belongs
    from city_row
    inner join near
        on
            city_row.file_key = near.file_key
            and city_row.sheet_index = near.sheet_index
            and near.row_number between city_row.row_number - 2 and city_row.row_number + 2
            and city_row.row_number <> near.row_number
    group by
        city_row.file_key, city_row.sheet_index, city_row.row_number, city_row.first_city_column, near.row_number
),

banded as (
    select
        city_row.file_key,
        city_row.sheet_index,
        city_row.row_number as city_row,
        city_row.first_city_column,
        city_row.row_number
        - case
            when not coalesce(bool_or(band.belongs) filter (where band.place = -1), false) then 0
            when not coalesce(bool_or(band.belongs) filter (where band.place = -2), false) then 1
            else 2
        end as first_row,
        city_row.row_number
        + case
            when not coalesce(bool_or(band.belongs) filter (where band.place = 1), false) then 0
            when not coalesce(bool_or(band.belongs) filter (where band.place = 2), false) then 1
            else 2
        end as last_key_row
    from city_row
    left join band
        on
            city_row.file_key = band.file_key
            and city_row.sheet_index = band.sheet_index
            and city_row.row_number = band.city_row
    group by city_row.file_key, city_row.sheet_index, city_row.row_number, city_row.first_city_column
),

-- It ends above the next heading of either kind.
bounded as (
    select
        *,
        coalesce(
            lead(first_row) over (partition by file_key, sheet_index order by city_row), 2147483647
        ) as next_city_row,
        coalesce(
            (
                select min(key_row.row_number)
                from key_row
                where
                    key_row.file_key = banded.file_key
                    and key_row.sheet_index = banded.sheet_index
                    and key_row.row_number > banded.last_key_row
                    and key_row.city_headings > 0
            ),
            2147483647
        ) as next_heading_row
    from banded
),

turned as (
    select
        bounded.file_key,
        bounded.sheet_index,
        bounded.first_row,
        max(near.row_number) filter (
            where near.column_number >= bounded.first_city_column and (near.is_figure or near.is_mark)
        ) as last_row,
        coalesce(
            min(near.column_number) filter (
                where near.column_number < bounded.first_city_column
                and not near.is_figure and not near.is_mark and not near.is_year
            ),
            min(near.column_number) filter (where near.column_number < bounded.first_city_column and near.is_year)
        ) as first_column,
        bounded.first_city_column,
        bounded.city_row,
        bounded.last_key_row
    from bounded
    inner join near
        on
            bounded.file_key = near.file_key
            and bounded.sheet_index = near.sheet_index
            and bounded.last_key_row < near.row_number
            and least(bounded.next_city_row, bounded.next_heading_row) > near.row_number
    group by
        bounded.file_key, bounded.sheet_index, bounded.first_row, bounded.first_city_column, bounded.city_row,
        bounded.last_key_row
    having
        bool_or((near.is_figure or near.is_mark) and near.column_number >= bounded.first_city_column)
        -- Cities down the side as well: distances between them, or a table whose heading was not found.
        and not bool_or(near.city_code is not null and near.column_number < bounded.first_city_column)
),

-- ------------------------------------------------------------------ tables beside each other
key_run as (
    select
        named.file_key,
        named.sheet_index,
        named.row_number,
        named.column_number,
        named.role,
        named.column_number - row_number() over (
            partition by named.file_key, named.sheet_index, named.row_number
            order by named.column_number
        ) as run
    from {{ ref('stg_yearbook__named_cell') }} as named
    inner join candidate
        on
            named.file_key = candidate.file_key
            and named.sheet_index = candidate.sheet_index
            and named.row_number = candidate.row_number
    where
        candidate.has_tables_beside
        and named.role in ('city', 'city_code', 'city_en', 'province', 'province_code', 'year', 'number')
),

table_start as (
    select
        file_key,
        sheet_index,
        row_number,
        min(column_number) as first_column,
        min(column_number) filter (where role = 'city') as city_column,
        row_number() over (
            partition by file_key, sheet_index, row_number
            order by min(column_number)
        ) as table_order
    from key_run
    group by file_key, sheet_index, row_number, run
    having bool_or(role = 'city')
),

beside as (
    select
        *,
        coalesce(
            lead(first_column) over (partition by file_key, sheet_index, row_number order by first_column) - 1,
            2147483647
        ) as last_column,
        coalesce(
            (
                select min(key_row.row_number)
                from key_row
                where
                    key_row.file_key = table_start.file_key
                    and key_row.sheet_index = table_start.sheet_index
                    and key_row.row_number > table_start.row_number
                    and key_row.city_headings > 0
            ),
            2147483647
        ) as next_heading_row
    from table_start
),

moved as (
    select
        beside.file_key,
        beside.sheet_index,
        beside.row_number as first_row,
        max(near.row_number) filter (
            where near.is_figure
            or near.is_mark
            or (near.column_number = beside.city_column and not {{ matches('near.text_key', "'单位|unit'") }})
        ) as last_row,
        beside.first_column
    from beside
    inner join near
        on
            beside.file_key = near.file_key
            and beside.sheet_index = near.sheet_index
            and near.column_number between beside.first_column and beside.last_column
            and near.row_number between beside.row_number and beside.next_heading_row - 1
    where beside.table_order > 1
    group by beside.file_key, beside.sheet_index, beside.row_number, beside.first_column
),

-- ------------------------------------------------------------------ both
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
    from turned
    where turned.first_column is not null
    union all
    select
        moved.file_key,
        moved.sheet_index,
        moved.first_row,
        moved.last_row,
        moved.first_column,
        beside.last_column,
        false as is_turned,
        null as heading_lines,
        null as city_line,
        null as key_lines
    from moved
    inner join beside
        on
            moved.file_key = beside.file_key
            and moved.sheet_index = beside.sheet_index
            and moved.first_row = beside.row_number
            and moved.first_column = beside.first_column
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
    from near
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
left join band
    on
        placed.file_key = band.file_key
        and placed.sheet_index = band.sheet_index
        and placed.city_line + placed.first_row - 1 = band.city_row
        and band.belongs
        and band.city_row + band.place between placed.first_row and placed.first_row + placed.key_lines - 1
group by
    placed.file_key, placed.sheet_index, placed.first_row, placed.last_row, placed.first_column, placed.right_column,
    placed.is_turned, placed.row_base, placed.lines, placed.heading_lines, placed.city_line, placed.key_lines
