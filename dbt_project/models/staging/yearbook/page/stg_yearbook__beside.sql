-- One row per table to the right of another: where it stands.
with
candidate as (
    select *
    from {{ ref('stg_yearbook__named_row') }}
    where is_candidate
),

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
                from {{ ref('stg_yearbook__named_row') }} as key_row
                where
                    key_row.file_key = table_start.file_key
                    and key_row.sheet_index = table_start.sheet_index
                    and key_row.row_number > table_start.row_number
                    and key_row.city_headings > 0
            ),
            2147483647
        ) as next_heading_row
    from table_start
)

select
    beside.file_key,
    beside.sheet_index,
    beside.row_number as first_row,
    max(near.row_number) filter (
        where near.is_figure
        or near.is_mark
        or (near.column_number = beside.city_column and not {{ matches('near.text_key', "'单位|unit'") }})
    ) as last_row,
    beside.first_column,
    beside.last_column
from beside
inner join {{ ref('stg_yearbook__arranged_cell') }} as near
    on
        beside.file_key = near.file_key
        and beside.sheet_index = near.sheet_index
        and near.column_number between beside.first_column and beside.last_column
        and near.row_number between beside.row_number and beside.next_heading_row - 1
where beside.table_order > 1
group by beside.file_key, beside.sheet_index, beside.row_number, beside.first_column, beside.last_column
