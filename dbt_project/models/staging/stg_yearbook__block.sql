-- One row per table block of a sheet: a heading that names the city column, and the rows under it.
-- A continuation page repeats the heading and so begins a block of its own.
with key_headings as (
    select distinct
        source_id,
        heading_key
    from {{ ref('heading') }}
    where role in ('city', 'city_code')
),

-- A row that holds a number is no heading, whatever words stand in it.
number_rows as (
    select distinct
        file_key,
        sheet_index,
        row_number
    from {{ ref('stg_yearbook__cell') }}
    where kind = 'number'
),

anchors as (
    select
        cell.file_key,
        cell.sheet_index,
        cell.row_number,
        min(cell.column_number) as key_column,
        max(cell.row_span) as row_span
    from {{ ref('stg_yearbook__cell') }} as cell
    inner join {{ ref('stg_yearbook__sheet') }} as sheet
        on cell.file_key = sheet.file_key and cell.sheet_index = sheet.sheet_index
    where
        cell.kind = 'text'
        and exists (
            select 1
            from key_headings
            where
                key_headings.source_id in (sheet.source_id, '*')
                and key_headings.heading_key = {{ text_key(heading_words('cell.text')) }}
        )
        and not exists (
            select 1
            from number_rows
            where
                number_rows.file_key = cell.file_key
                and number_rows.sheet_index = cell.sheet_index
                and number_rows.row_number = cell.row_number
        )
    group by cell.file_key, cell.sheet_index, cell.row_number
),

-- The heading ends where the key column is filled again, or where a row holds numbers.
below as (
    select
        anchors.file_key,
        anchors.sheet_index,
        anchors.row_number,
        min(cell.row_number) as first_filled_row
    from anchors
    inner join {{ ref('stg_yearbook__cell') }} as cell
        on
            anchors.file_key = cell.file_key
            and anchors.sheet_index = cell.sheet_index
            and cell.row_number >= anchors.row_number + anchors.row_span
            and cell.row_number <= anchors.row_number + anchors.row_span + 4
            and (cell.column_number = anchors.key_column or cell.kind = 'number')
    group by anchors.file_key, anchors.sheet_index, anchors.row_number
)

select
    anchors.file_key,
    anchors.sheet_index,
    anchors.row_number as block_row,
    anchors.key_column,
    coalesce(below.first_filled_row, anchors.row_number + anchors.row_span) - 1 as heading_end_row,
    coalesce(
        lead(anchors.row_number) over (
            partition by anchors.file_key, anchors.sheet_index
            order by anchors.row_number
        ) - 1,
        2147483647
    ) as end_row
from anchors
left join below
    on
        anchors.file_key = below.file_key
        and anchors.sheet_index = below.sheet_index
        and anchors.row_number = below.row_number
