{{ config(pre_hook="{{ use_threads(2) }}", post_hook="{{ use_threads(1) }}") }}
-- One row per cell that should hold a figure, as read, and what of the cell itself forbids its use.
-- Narrow, for there are millions: the words of its row and page are joined where they are shown.
with year_column as (
    select distinct
        file_key,
        sheet_index,
        block_row
    from {{ ref('stg_yearbook__heading') }}
    where role = 'year'
),

-- The units that have a sign of their own.
unit_sign as (
    select
        unit.unit_key,
        signed.unit_key as sign
    from {{ ref('unit') }} as unit
    inner join {{ ref('unit') }} as signed on unit.unit_code = signed.unit_code and signed.unit_key in ('%', '‰')
),

column_heading as (
    select
        heading.*,
        unit_sign.sign
    from {{ ref('stg_yearbook__heading') }} as heading
    left join unit_sign on heading.unit_printed = unit_sign.unit_key
),

-- A place keeps the number of the first row that names it in the sheet.
place as (
    select
        file_key,
        sheet_index,
        name_key,
        city_code_printed,
        province_key,
        running_province_key,
        min(row_number) as place_row
    from {{ ref('stg_yearbook__row') }}
    group by file_key, sheet_index, name_key, city_code_printed, province_key, running_province_key
),

-- All that a row says of its figures is looked up once per row.
page_row as (
    select
        page_row.file_key,
        page_row.sheet_index,
        page_row.block_row,
        page_row.row_number,
        page_row.is_data,
        page_row.name_key is null and page_row.city_code_printed is null as names_nothing,
        page_row.row_unit,
        page_row.row_year,
        coalesce(row_whole.whole_printed || ' / ', '') || page_row.indicator_printed as indicator_printed,
        -- A year that rows or headings say needs no other; some months are none whatever they say.
        coalesce(
            page_row.reason,
            case when row_flag.has_unknown_word then 'unknown_key' end,
            case when block_year.reason = 'part_of_a_year' then block_year.reason end
        )
            as row_reason,
        page_row.section_measure,
        row_scope.scope as row_scope,
        page_row.section_scope,
        page_row.scope_key is not null and row_scope.scope is null as has_unknown_scope,
        coalesce(row_whole.heading_key, row_indicator.heading_key) as row_heading_key,
        coalesce(row_whole.indicator_code, row_indicator.indicator_code) as row_indicator_code,
        coalesce(row_whole.scope, row_indicator.scope) as row_indicator_scope,
        coalesce(row_whole.mapped_unit, row_indicator.unit_printed, row_whole.whole_unit) as row_indicator_unit,
        coalesce(row_whole.answered, row_indicator.answered) as row_answered,
        coalesce(row_whole.other_measure, row_indicator.other_measure) as row_other_measure,
        -- Where rows say their year, one that says none has none.
        case when year_column.block_row is null then block_year.statistic_year end as block_year,
        coalesce(not block_computed.is_by_star, false) or coalesce(row_flag.is_computed, false) as is_row_computed,
        coalesce(block_computed.is_by_star, false) as is_computed_by_star,
        block_year.reason as year_reason,
        row_sign.sign as row_sign,
        place.place_row
    from {{ ref('stg_yearbook__row') }} as page_row
    inner join {{ ref('stg_yearbook__block_year') }} as block_year
        on
            page_row.file_key = block_year.file_key
            and page_row.sheet_index = block_year.sheet_index
            and page_row.block_row = block_year.block_row
    inner join place
        on
            page_row.file_key = place.file_key
            and page_row.sheet_index = place.sheet_index
            and page_row.name_key is not distinct from place.name_key
            and page_row.city_code_printed is not distinct from place.city_code_printed
            and page_row.province_key is not distinct from place.province_key
            and page_row.running_province_key is not distinct from place.running_province_key
    left join {{ ref('stg_yearbook__row_indicator') }} as row_indicator
        on
            page_row.file_key = row_indicator.file_key
            and page_row.sheet_index = row_indicator.sheet_index
            and page_row.block_row = row_indicator.block_row
            and page_row.indicator_printed = row_indicator.indicator_printed
    left join {{ ref('stg_yearbook__row_whole') }} as row_whole
        on
            page_row.file_key = row_whole.file_key
            and page_row.sheet_index = row_whole.sheet_index
            and page_row.row_number = row_whole.row_number
    left join {{ ref('stg_yearbook__block_computed') }} as block_computed
        on
            page_row.file_key = block_computed.file_key
            and page_row.sheet_index = block_computed.sheet_index
            and page_row.block_row = block_computed.block_row
    left join {{ ref('stg_yearbook__computed_cell') }} as row_flag
        on
            page_row.file_key = row_flag.file_key
            and page_row.sheet_index = row_flag.sheet_index
            and page_row.row_number = row_flag.row_number
            and row_flag.flagged_column is null
    left join year_column
        on
            page_row.file_key = year_column.file_key
            and page_row.sheet_index = year_column.sheet_index
            and page_row.block_row = year_column.block_row
    left join unit_sign as row_sign
        on
            coalesce(page_row.row_unit, row_whole.mapped_unit, row_indicator.unit_printed, row_whole.whole_unit)
            = row_sign.unit_key
    left join {{ ref('scope_label') }} as row_scope on page_row.scope_key = row_scope.label_key
),

located as (
    select
        cell.file_key,
        cell.sheet_index,
        cell.row_number,
        cell.column_number,
        page_row.place_row,
        page_row.is_data,
        case
            when heading.role = 'figure'
                then coalesce(page_row.indicator_printed || ' / ', '') || heading.heading_printed
            else heading.heading_printed
        end as heading_printed,
        case when heading.role = 'figure' then page_row.row_heading_key else heading.heading_key end as heading_key,
        -- A row's indicator that no mapping knows is as unknown as a heading.
        heading.role = 'unknown' or (heading.role = 'figure' and page_row.row_indicator_code is null) as is_unknown,
        case
            when heading.role = 'figure' then page_row.row_indicator_code
            else heading.indicator_code
        end as indicator_code,
        coalesce(
            page_row.row_scope,
            page_row.section_scope,
            case when heading.role = 'figure' then page_row.row_indicator_scope end,
            heading.scope
        ) as scope,
        case
            when {{ matches('cell.marks', "'(^| )(struck|hidden)( |$)'") }} then 'withdrawn'
            when page_row.row_reason is not null then page_row.row_reason
            when cell_flag.has_unknown_word then 'unknown_key'
            when heading.reason = 'county_level' then heading.reason
            when page_row.row_year <> heading.heading_year then 'year_contradicted'
            when
                coalesce(page_row.row_year, heading.heading_year) is null and page_row.year_reason is not null
                then page_row.year_reason
            when heading.reason is not null then heading.reason
            when heading.role = 'figure' and page_row.row_other_measure is not null then 'other_measure'
            when
                page_row.section_measure is not null
                and not contains(
                    coalesce(
                        case when heading.role = 'figure' then page_row.row_answered else heading.answered end, ''
                    ),
                    '|' || page_row.section_measure || '|'
                )
                then 'other_measure'
            when page_row.has_unknown_scope then 'unknown_scope'
            when
                page_row.row_scope <> page_row.section_scope
                or coalesce(page_row.row_scope, page_row.section_scope) <> heading.stated_scope
                or (
                    heading.role = 'figure'
                    and page_row.row_indicator_scope
                    <> coalesce(page_row.row_scope, page_row.section_scope, heading.stated_scope)
                )
                then 'scope_contradicted'
        end as page_reason,
        coalesce(
            page_row.row_unit,
            case when heading.role = 'figure' then page_row.row_indicator_unit end,
            heading.unit_printed
        ) as unit_printed,
        coalesce(page_row.row_year, heading.heading_year, page_row.block_year) as statistic_year,
        cell.text as value_text,
        case
            when cell.kind = 'number' then try_cast(cell.text as double)
            else {{ parse_number(figure_key('cell.text', 'cell.text_key')) }}
        end as number,
        case
            when cell.kind = 'text' then {{ parse_share(figure_key('cell.text', 'cell.text_key')) }}
        end as share,
        case when cell.kind = 'text' then right(cell.text_key, 1) end as share_sign,
        case
            when page_row.row_unit is not null or (heading.role = 'figure' and page_row.row_indicator_unit is not null)
                then page_row.row_sign
            else heading.sign
        end as stated_sign,
        missing_mark.mark is not null as is_missing_mark,
        -- The compiler's, not the publisher's.
        page_row.is_row_computed
        or coalesce(cell_flag.is_computed, false)
        or (page_row.is_computed_by_star and right(cell.text_key, 1) = '*') as is_computed
    from page_row
    inner join {{ ref('stg_yearbook__cell') }} as cell
        on
            page_row.file_key = cell.file_key
            and page_row.sheet_index = cell.sheet_index
            and page_row.row_number = cell.row_number
    inner join column_heading as heading
        on
            page_row.file_key = heading.file_key
            and page_row.sheet_index = heading.sheet_index
            and page_row.block_row = heading.block_row
            and cell.column_number = heading.column_number
    left join {{ ref('stg_yearbook__computed_cell') }} as cell_flag
        on
            cell.file_key = cell_flag.file_key
            and cell.sheet_index = cell_flag.sheet_index
            and cell.row_number = cell_flag.row_number
            and cell.column_number = cell_flag.flagged_column
    left join {{ ref('missing_mark') }} as missing_mark on cell.text_key = missing_mark.mark
    where
        (page_row.is_data and heading.role in ('value', 'unknown', 'figure'))
        -- A figure in a row that names no city is not to be lost either.
        or (page_row.names_nothing and heading.role in ('value', 'unknown', 'figure'))
),

-- A share whose cell prints its own sign is in per cent or per mille; the heading must not say the other.
printed as (
    select
        located.* exclude (unit_printed),
        indicator.valid_min,
        indicator.valid_max,
        indicator_unit.factor as indicator_factor,
        indicator_unit.dimension,
        case
            when located.share is not null and indicator_unit.dimension = 'share' then located.share
            else located.number
        end as value,
        case
            when located.share is not null and indicator_unit.dimension = 'share' then located.share_sign
            else located.unit_printed
        end as unit_printed,
        -- 5.3% under ‰: one of the two is a misprint.
        located.share is not null
        and indicator_unit.dimension = 'share'
        and located.stated_sign <> located.share_sign as is_unit_contradicted
    from located
    left join {{ ref('indicator') }} as indicator on located.indicator_code = indicator.indicator_code
    left join {{ ref('unit') }} as indicator_unit on indicator.unit = indicator_unit.unit_key
),

measured as (
    select
        printed.*,
        printed_unit.factor / printed.indicator_factor as unit_factor,
        case
            -- As printed, to the last digit: 51.47 * 0.01 / 0.01 is none of it.
            when printed_unit.factor = printed.indicator_factor then printed.value
            else printed.value * printed_unit.factor / printed.indicator_factor
        end as value_in_unit
    from printed
    left join {{ ref('unit') }} as printed_unit
        on
            printed.unit_printed = printed_unit.unit_key
            and printed.dimension = printed_unit.dimension
)

select
    file_key,
    sheet_index,
    row_number,
    column_number,
    place_row,
    is_data,
    heading_printed,
    heading_key,
    indicator_code,
    scope,
    statistic_year,
    unit_printed,
    unit_factor,
    value_text,
    value,
    value_in_unit,
    is_missing_mark,
    is_computed,
    case
        when is_missing_mark then null
        when not is_data then 'no_city'
        when page_reason = 'ragged_row' then page_reason
        when is_unknown then 'unknown_heading'
        when value is null then 'text_in_number_cell'
        when page_reason is not null then page_reason
        when statistic_year is null then 'no_statistic_year'
        when scope is null then 'no_scope'
        when unit_printed is null then 'no_unit'
        when unit_factor is null then 'unknown_unit'
        when is_unit_contradicted then 'unit_contradicted'
        -- 1e999 is read as infinite: no figure.
        when not {{ is_finite('value_in_unit') }} then 'impossible_value'
        when value_in_unit < valid_min or value_in_unit > valid_max then 'impossible_value'
        when {{ beyond_print('value_in_unit') }} then 'impossible_value'
    end as quarantine_reason
from measured
-- Beside a row without a city stand notes as well as figures: those that are no number are notes.
where is_data or value is not null
