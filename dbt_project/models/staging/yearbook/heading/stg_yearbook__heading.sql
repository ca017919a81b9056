-- One row per column of a block: what the mapping seed makes of its heading, and what the page adds: unit, scope,
-- measure.
with resolved as (
    select
        paths.* exclude (heading_printed, heading_key, printed_scope, heading_year),
        -- A part has the full name of what it is a part of, its scope and its year.
        coalesce(whole.whole_printed || ' / ', '') || paths.heading_printed as heading_printed,
        coalesce(whole.heading_key, paths.heading_key) as heading_key,
        coalesce(paths.printed_scope, whole.scope) as printed_scope,
        coalesce(paths.heading_year, whole.heading_year) as heading_year,
        sheet.sheet_indicator_code,
        sheet.sheet_unit,
        sheet.default_scope,
        titled.indicator_code as title_indicator_code,
        titled.unit_key as title_unit,
        titled.scope as title_scope,
        titled.heading_key as title_heading_key,
        unit_line.unit_key as unit_line,
        case paths.column_number
            when block.city_line then 'city'
            when block.year_line then 'year'
            when block.scope_line then 'scope'
            else
                coalesce(
                    heading.role,
                    case
                        when whole.indicator_code is not null then 'value'
                        when flag.column_number is not null then 'computed_flag'
                    end
                )
        end as role,
        coalesce(whole.indicator_code, heading.indicator_code) as indicator_code,
        heading.scope as mapped_scope,
        coalesce(heading.unit, whole.mapped_unit) as mapped_unit,
        whole.whole_unit,
        heading.note,
        paths.heading_key = '' and paths.heading_year is not null as is_year_alone,
        paths.heading_key = '' and coalesce(paths.heading_year::varchar, paths.printed_scope) is not null as is_bare,
        row_number() over (
            partition by paths.file_key, paths.sheet_index, paths.block_row, paths.column_number
            order by {{ mapping_rank() }}
        ) as match_rank
    from {{ ref('stg_yearbook__heading_path') }} as paths
    inner join {{ ref('stg_yearbook__sheet') }} as sheet
        on paths.file_key = sheet.file_key and paths.sheet_index = sheet.sheet_index
    inner join {{ ref('stg_yearbook__block') }} as block
        on
            paths.file_key = block.file_key
            and paths.sheet_index = block.sheet_index
            and paths.block_row = block.block_row
    left join {{ ref('stg_yearbook__heading_whole') }} as whole
        on
            paths.file_key = whole.file_key
            and paths.sheet_index = whole.sheet_index
            and paths.block_row = whole.block_row
            and paths.column_number = whole.column_number
    left join {{ ref('stg_yearbook__computed_flag') }} as flag
        on
            paths.file_key = flag.file_key
            and paths.sheet_index = flag.sheet_index
            and paths.block_row = flag.block_row
            and paths.column_number = flag.column_number
    left join {{ ref('stg_yearbook__unit_line') }} as unit_line
        on
            paths.file_key = unit_line.file_key
            and paths.sheet_index = unit_line.sheet_index
            and paths.block_row = unit_line.block_row
    left join {{ ref('stg_yearbook__title_indicator') }} as titled
        on
            paths.file_key = titled.file_key
            and paths.sheet_index = titled.sheet_index
            and paths.block_row = titled.block_row
    left join {{ ref('heading') }} as heading
        on
            paths.heading_key = heading.heading_key
            and {{ mapping_fits() }}
),

roles as (
    select
        * exclude (role),
        case
            -- A page without Chinese names has the English ones; 地区 is a city's where no other column is.
            when role in ('city_en', 'region') and not bool_or(coalesce(role = 'city', false)) over block_columns
                then 'city'
            -- Where rows name their indicators, a heading that is a year or a scope is that of figures.
            when role is null and is_bare and bool_or(coalesce(role = 'indicator', false)) over block_columns
                then 'figure'
            when role <> 'region' then role
        end as role
    from resolved
    where match_rank = 1
    window block_columns as (partition by file_key, sheet_index, block_row)
),

columns_read as (
    select
        *,
        -- A heading that is a year makes a column of the one indicator of its sheet or title.
        case
            when role = 'value' then indicator_code
            when role is null and is_year_alone then coalesce(sheet_indicator_code, title_indicator_code)
        end as column_indicator_code,
        role is null and is_year_alone and sheet_indicator_code is null as is_titled
    from roles
),

measured_words as (
    select distinct case when is_titled then title_heading_key else heading_key end as text
    from columns_read
    where column_indicator_code is not null
),

answers as (
    {{ answered_measures('measured_words') }}
),

scoped as (
    select
        columns_read.*,
        coalesce(
            columns_read.mapped_scope,
            columns_read.printed_scope,
            case when columns_read.is_titled then columns_read.title_scope end
        ) as own_scope,
        block_scope.scope as page_scope,
        coalesce(block_scope.is_contradicted, false) as is_page_contradicted,
        coalesce(block_scope.names_several, false) as names_several,
        coalesce(block_scope.names_counties, false) as names_counties
    from columns_read
    left join {{ ref('stg_yearbook__block_scope') }} as block_scope
        on
            columns_read.file_key = block_scope.file_key
            and columns_read.sheet_index = block_scope.sheet_index
            and columns_read.block_row = block_scope.block_row
),

-- The first measure that the page names and the heading doesn't.
other_measures as (
    select
        columns_read.file_key,
        columns_read.sheet_index,
        columns_read.block_row,
        columns_read.column_number,
        min(block_measure.measure) as other_measure
    from columns_read
    inner join {{ ref('stg_yearbook__block_measure') }} as block_measure
        on
            columns_read.file_key = block_measure.file_key
            and columns_read.sheet_index = block_measure.sheet_index
            and columns_read.block_row = block_measure.block_row
    inner join {{ ref('measure') }} as measure on block_measure.measure = measure.measure and not measure.is_computed
    inner join {{ ref('indicator') }} as indicator on columns_read.column_indicator_code = indicator.indicator_code
    inner join {{ ref('unit') }} as indicator_unit on indicator.unit = indicator_unit.unit_key
    left join answers
        on
            case
                when columns_read.is_titled then columns_read.title_heading_key
                else columns_read.heading_key
            end = answers.text
    where
        coalesce(measure.dimension, indicator_unit.dimension) = indicator_unit.dimension
        and not contains(coalesce(answers.answered, ''), '|' || block_measure.measure || '|')
    group by columns_read.file_key, columns_read.sheet_index, columns_read.block_row, columns_read.column_number
),

-- What notes say of a column's unit: those on its own words before those on all.
noted as (
    select
        scoped.file_key,
        scoped.sheet_index,
        scoped.block_row,
        scoped.column_number,
        case
            when
                count(distinct noted_unit.unit_key) filter (where noted_unit.subject <> '') <= 1
                and bool_and(noted_unit.unit_key is not null)
                then max_by(noted_unit.unit_key, length(noted_unit.subject))
        end as unit_key
    from scoped
    inner join {{ ref('indicator') }} as indicator on scoped.column_indicator_code = indicator.indicator_code
    inner join {{ ref('unit') }} as indicator_unit on indicator.unit = indicator_unit.unit_key
    inner join {{ ref('stg_yearbook__noted_unit') }} as noted_unit
        on
            scoped.file_key = noted_unit.file_key
            and scoped.sheet_index = noted_unit.sheet_index
            and scoped.block_row = noted_unit.block_row
            and indicator_unit.dimension = noted_unit.dimension
            and contains(scoped.heading_key, noted_unit.subject)
    group by scoped.file_key, scoped.sheet_index, scoped.block_row, scoped.column_number
)

select
    scoped.file_key,
    scoped.sheet_index,
    scoped.block_row,
    scoped.column_number,
    scoped.heading_printed,
    scoped.heading_key,
    coalesce(
        scoped.role,
        case when scoped.column_indicator_code is not null then 'value' else 'unknown' end
    ) as role,
    scoped.column_indicator_code as indicator_code,
    scoped.heading_year,
    -- What heading and page say; the default only where neither does and the source's rule has one.
    coalesce(scoped.own_scope, scoped.page_scope) as stated_scope,
    coalesce(
        scoped.own_scope,
        scoped.page_scope,
        case when not scoped.names_several then scoped.default_scope end
    ) as scope,
    -- The mapping gives a unit only where the page prints none, or a wrong one.
    coalesce(
        scoped.mapped_unit,
        scoped.printed_unit,
        case when scoped.is_titled then scoped.title_unit end,
        scoped.whole_unit,
        scoped.unit_line,
        listed_units.unit_key,
        noted.unit_key,
        scoped.sheet_unit
    ) as unit_printed,
    answers.answered,
    case
        when scoped.names_counties then 'county_level'
        when scoped.is_open then 'open_heading'
        when scoped.has_two_years then 'year_contradicted'
        when
            scoped.is_page_contradicted
            or scoped.has_two_scopes
            or scoped.own_scope <> scoped.page_scope
            then 'scope_contradicted'
        when other_measures.other_measure is not null then 'other_measure'
        -- A note against the line above the table.
        when
            noted.file_key is not null
            and coalesce(scoped.mapped_unit, scoped.printed_unit) is null
            and coalesce(noted.unit_key, '') <> coalesce(scoped.unit_line, noted.unit_key, '')
            then 'unit_contradicted'
    end as reason,
    scoped.note
from scoped
left join answers
    on case when scoped.is_titled then scoped.title_heading_key else scoped.heading_key end = answers.text
left join other_measures
    on
        scoped.file_key = other_measures.file_key
        and scoped.sheet_index = other_measures.sheet_index
        and scoped.block_row = other_measures.block_row
        and scoped.column_number = other_measures.column_number
left join noted
    on
        scoped.file_key = noted.file_key
        and scoped.sheet_index = noted.sheet_index
        and scoped.block_row = noted.block_row
        and scoped.column_number = noted.column_number
left join {{ ref('indicator') }} as indicator on scoped.column_indicator_code = indicator.indicator_code
left join {{ ref('unit') }} as indicator_unit on indicator.unit = indicator_unit.unit_key
left join {{ ref('stg_yearbook__listed_unit') }} as listed_units
    on
        scoped.file_key = listed_units.file_key
        and scoped.sheet_index = listed_units.sheet_index
        and scoped.block_row = listed_units.block_row
        and indicator_unit.dimension = listed_units.dimension
