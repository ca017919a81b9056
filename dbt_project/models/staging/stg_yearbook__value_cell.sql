-- One row per cell that should hold a figure, with all that is known of it and the reason if it can't be used.
with year_column as (
    select distinct
        file_key,
        sheet_index,
        block_row
    from {{ ref('stg_yearbook__heading') }}
    where role = 'year'
),

located as (
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
        page_row.is_data,
        case
            when heading.role = 'figure'
                then coalesce(page_row.indicator_printed || ' / ', '') || heading.heading_printed
            else heading.heading_printed
        end as heading_printed,
        case when heading.role = 'figure' then row_indicator.heading_key else heading.heading_key end as heading_key,
        -- A row's indicator that no mapping knows is as unknown as a heading.
        coalesce(
            case when heading.role <> 'figure' or row_indicator.indicator_code is not null then heading.role end,
            'unknown'
        ) as role,
        case
            when heading.role = 'figure' then row_indicator.indicator_code
            else heading.indicator_code
        end as indicator_code,
        coalesce(
            row_scope.scope,
            case when heading.role = 'figure' then row_indicator.scope end,
            heading.scope
        ) as scope,
        coalesce(
            page_row.row_unit,
            case when heading.role = 'figure' then row_indicator.unit_printed end,
            heading.unit_printed
        ) as unit_printed,
        coalesce(
            page_row.row_year,
            heading.heading_year,
            -- Where rows say their year, one that says none has none.
            case when year_column.block_row is null then sheet.sheet_statistic_year end
        ) as statistic_year,
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
    left join {{ ref('stg_yearbook__row_indicator') }} as row_indicator
        on
            heading.role = 'figure'
            and page_row.file_key = row_indicator.file_key
            and page_row.sheet_index = row_indicator.sheet_index
            and page_row.block_row = row_indicator.block_row
            and page_row.indicator_printed = row_indicator.indicator_printed
    left join year_column
        on
            page_row.file_key = year_column.file_key
            and page_row.sheet_index = year_column.sheet_index
            and page_row.block_row = year_column.block_row
    left join {{ ref('scope_label') }} as row_scope on page_row.scope_key = row_scope.label_key
    where
        (page_row.is_data and heading.role in ('value', 'unknown', 'figure'))
        -- A figure in a row that names no city is not to be lost either.
        or (
            page_row.name_key is null
            and page_row.city_code_printed is null
            and heading.role in ('value', 'figure')
        )
),

measured as (
    select
        located.*,
        indicator.unit,
        printed_unit.unit_code,
        indicator.valid_min,
        indicator.valid_max,
        printed_unit.factor / indicator_unit.factor as unit_factor,
        case
            -- As printed, to the last digit: 51.47 * 0.01 / 0.01 is none of it.
            when printed_unit.factor = indicator_unit.factor then located.value
            else located.value * printed_unit.factor / indicator_unit.factor
        end as value_in_unit
    from located
    left join {{ ref('indicator') }} as indicator on located.indicator_code = indicator.indicator_code
    left join {{ ref('unit') }} as indicator_unit on indicator.unit = indicator_unit.unit_key
    left join {{ ref('unit') }} as printed_unit
        on
            located.unit_printed = printed_unit.unit_key
            and indicator_unit.dimension = printed_unit.dimension
)

select
    *,
    case
        when is_missing_mark then null
        when not is_data then 'no_city'
        when role = 'unknown' then 'unknown_heading'
        when value is null then 'text_in_number_cell'
        when statistic_year is null then 'no_statistic_year'
        when unit_printed is null then 'no_unit'
        when unit_factor is null then 'unknown_unit'
        when value_in_unit < valid_min or value_in_unit > valid_max then 'impossible_value'
        when min(value_in_unit) over same_place <> max(value_in_unit) over same_place then 'conflict_in_sheet'
    end as quarantine_reason
from measured
-- Beside a row without a city stand notes as well as figures: those that are no number are notes.
where is_data or value is not null
window
    same_place as (
        partition by
            file_key, sheet_index, name_key, city_code_printed, province_key, running_province_key,
            statistic_year, indicator_code, scope
    )
