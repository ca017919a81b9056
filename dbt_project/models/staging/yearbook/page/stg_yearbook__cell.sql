{{ config(pre_hook="{{ use_threads(2) }}", post_hook="{{ use_threads(1) }}") }}
-- One row per cell of the sheets that are to be read: as printed, as it is compared, and where it is read. Row and
-- column are those on the page, but of parts that are turned or put below another (stg_yearbook__region).
with moved as (
    select
        cell.file_key,
        cell.sheet_index,
        cell.row_number as printed_row,
        cell.column_number as printed_column,
        case
            when region.is_turned then region.row_base + cell.column_number - region.first_column + 1
            else region.row_base + cell.row_number - region.first_row + 1
        end as row_number,
        case
            when region.is_turned then cell.row_number - region.first_row + 1
            else cell.column_number - region.first_column + 1
        end as column_number,
        case when region.is_turned then cell.column_span else cell.row_span end as row_span,
        case when region.is_turned then cell.row_span else cell.column_span end as column_span,
        region.row_base + region.lines as region_end,
        -- A name above several columns holds for all of them, merged or not, where more is said of each below.
        region.is_turned
        and cell.row_number < region.first_row + region.key_lines - 1
        and cell.column_number >= region.first_column + region.heading_lines as is_upper_key
    from {{ source('raw', 'yearbook_cell') }} as cell
    inner join {{ ref('stg_yearbook__region') }} as region
        on
            cell.file_key = region.file_key
            and cell.sheet_index = region.sheet_index
            and cell.row_number between region.first_row and region.last_row
            and cell.column_number between region.first_column and region.last_column
),

spread as (
    select
        file_key,
        sheet_index,
        printed_row,
        printed_column,
        row_number,
        column_number,
        column_span,
        case
            when is_upper_key then lead(row_number, 1, region_end + 1) over next_keys - row_number
            else row_span
        end as row_span
    from moved
    window
        next_keys as (
            partition by file_key, sheet_index, region_end, column_number, is_upper_key
            order by row_number
        )
)

select
    cell.file_key,
    cell.sheet_index,
    coalesce(spread.row_number, cell.row_number) as row_number,
    coalesce(spread.column_number, cell.column_number) as column_number,
    cell.text,
    cell.kind,
    cell.marks,
    cell.row_width,
    coalesce(spread.row_span, cell.row_span) as row_span,
    coalesce(spread.column_span, cell.column_span) as column_span,
    case when cell.kind = 'text' then {{ text_key('cell.text') }} else cell.text end as text_key
from {{ source('raw', 'yearbook_cell') }} as cell
inner join {{ ref('stg_yearbook__sheet') }} as sheet
    on cell.file_key = sheet.file_key and cell.sheet_index = sheet.sheet_index
left join spread
    on
        cell.file_key = spread.file_key
        and cell.sheet_index = spread.sheet_index
        and cell.row_number = spread.printed_row
        and cell.column_number = spread.printed_column
where sheet.decision = 'load'
