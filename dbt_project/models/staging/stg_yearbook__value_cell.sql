-- One row per cell that should hold a figure, with all that is known of it and the reason if it can't be used.
with located as (
    select
        cell.file_key,
        cell.sheet_index,
        cell.row_number,
        cell.column_number,
        {{ cell_id('cell.file_key', 'cell.sheet_index', 'cell.row_number', 'cell.column_number') }} as cell_id,
        sheet.relative_path,
        sheet.sheet_name,
        sheet.source_id,
        sheet.publisher,
        sheet.priority,
        sheet.edition,
        page_row.city_name_printed,
        page_row.name_key,
        page_row.city_code_printed,
        page_row.province_key,
        page_row.running_province_key,
        heading.heading_printed,
        heading.heading_key,
        heading.role,
        heading.indicator_code,
        heading.scope,
        coalesce(page_row.row_unit, heading.unit_printed) as unit_printed,
        coalesce(page_row.row_year, heading.heading_year, sheet.sheet_statistic_year) as statistic_year,
        cell.text as value_text,
        cell.text_key,
        case
            when cell.kind = 'number' then try_cast(cell.text as double)
            else {{ parse_number('cell.text_key') }}
        end as value,
        missing_mark.mark is not null as is_missing_mark
    from {{ ref('stg_yearbook__row') }} as page_row
    inner join {{ ref('stg_yearbook__cell') }} as cell
        on
            page_row.file_key = cell.file_key
            and page_row.sheet_index = cell.sheet_index
            and page_row.row_number = cell.row_number
    inner join {{ ref('stg_yearbook__heading') }} as heading
        on
            page_row.file_key = heading.file_key
            and page_row.sheet_index = heading.sheet_index
            and page_row.block_row = heading.block_row
            and cell.column_number = heading.column_number
    inner join {{ ref('stg_yearbook__sheet') }} as sheet
        on cell.file_key = sheet.file_key and cell.sheet_index = sheet.sheet_index
    left join {{ ref('missing_mark') }} as missing_mark on cell.text_key = missing_mark.mark
    where page_row.is_data and heading.role in ('value', 'unknown')
),

measured as (
    select
        located.*,
        indicator.unit as unit,
        printed_unit.unit_code as unit_code,
        indicator.valid_min,
        indicator.valid_max,
        printed_unit.factor / indicator_unit.factor as unit_factor,
        located.value * printed_unit.factor / indicator_unit.factor as value_in_unit
    from located
    left join {{ ref('indicator') }} as indicator on located.indicator_code = indicator.indicator_code
    left join {{ ref('unit') }} as indicator_unit on indicator.unit = indicator_unit.unit_key
    left join {{ ref('unit') }} as printed_unit
        on
            coalesce(located.unit_printed, indicator.unit) = printed_unit.unit_key
            and indicator_unit.dimension = printed_unit.dimension
)

select
    *,
    case
        when is_missing_mark then null
        when role = 'unknown' then 'unknown_heading'
        when value is null then 'text_in_number_cell'
        when statistic_year is null then 'no_statistic_year'
        when unit_factor is null then 'unknown_unit'
        when value_in_unit < valid_min or value_in_unit > valid_max then 'impossible_value'
        when min(value_in_unit) over same_place <> max(value_in_unit) over same_place then 'conflict_in_sheet'
    end as quarantine_reason
from measured
window
    same_place as (
        partition by
            file_key, sheet_index, name_key, city_code_printed, province_key, running_province_key,
            statistic_year, indicator_code, scope
    )
