-- One row per column of a block: the heading path as printed and what the mapping seed makes of it.
with blocks as (
    select
        file_key,
        sheet_index,
        block_row,
        column_number_row,
        end_row,
        city_line,
        year_line,
        scope_line,
        -- Numbers of the columns are no part of any heading.
        case when column_number_row = heading_end_row then heading_end_row - 1 else heading_end_row end
            as heading_end_row
    from {{ ref('stg_yearbook__block') }}
),

header_cells as (
    select
        block.file_key,
        block.sheet_index,
        block.block_row,
        cell.row_number as origin_row,
        cell.column_number as origin_column,
        cell.text,
        least(cell.row_number + coalesce(cell.row_span, 1) - 1, block.heading_end_row) as last_row,
        unnest(
            generate_series(cell.column_number, cell.column_number + coalesce(cell.column_span, 1) - 1)
        ) as column_number
    from blocks as block
    inner join {{ ref('stg_yearbook__cell') }} as cell
        on
            block.file_key = cell.file_key
            and block.sheet_index = cell.sheet_index
            and cell.row_number between block.block_row and block.heading_end_row
            and cell.row_number is distinct from block.column_number_row
),

covered as (
    select
        *,
        unnest(generate_series(origin_row, last_row)) as row_number
    from header_cells
),

block_columns as (
    select
        block.file_key,
        block.sheet_index,
        block.block_row,
        block.heading_end_row,
        block.city_line is not null as is_turned,
        unnest(generate_series(1, max(cell.column_number + coalesce(cell.column_span, 1) - 1))) as column_number
    from blocks as block
    inner join {{ ref('stg_yearbook__cell') }} as cell
        on
            block.file_key = cell.file_key
            and block.sheet_index = cell.sheet_index
            and cell.row_number between block.block_row and block.end_row
    group by block.file_key, block.sheet_index, block.block_row, block.heading_end_row, block.city_line
),

grid as (
    select
        block_columns.file_key,
        block_columns.sheet_index,
        block_columns.block_row,
        block_columns.heading_end_row,
        block_columns.is_turned,
        block_columns.column_number,
        unnest(generate_series(block_columns.block_row, block_columns.heading_end_row)) as row_number
    from block_columns
),

placed as (
    select
        grid.file_key,
        grid.sheet_index,
        grid.block_row,
        grid.heading_end_row,
        grid.is_turned,
        grid.column_number,
        grid.row_number,
        min_by(covered.text, covered.origin_column) as own_text,
        min_by(covered.origin_row, covered.origin_column) as origin_row,
        min(covered.origin_column) as origin_column
    from grid
    left join covered
        on
            grid.file_key = covered.file_key
            and grid.sheet_index = covered.sheet_index
            and grid.block_row = covered.block_row
            and grid.row_number = covered.row_number
            and grid.column_number = covered.column_number
    group by all
),

to_the_left as (
    select
        *,
        last_value(own_text ignore nulls) over row_so_far as left_text,
        last_value(origin_row ignore nulls) over row_so_far as left_row,
        last_value(origin_column ignore nulls) over row_so_far as left_column
    from placed
    window
        row_so_far as (
            partition by file_key, sheet_index, block_row, row_number
            order by column_number
        )
),

over_it as (
    select
        *,
        max(left_column) over (
            partition by file_key, sheet_index, block_row, column_number
            order by row_number
            rows between unbounded preceding and 1 preceding
        ) as column_above
    from to_the_left
),

-- An upper heading that was not merged stands over the columns to its right as well, as far as the heading above it.
parts as (
    select
        file_key,
        sheet_index,
        block_row,
        column_number,
        row_number,
        own_text is not null as is_own,
        left_text as text
    from over_it
    where
        left_row = row_number
        and (
            own_text is not null
            -- Turned, it is a row without a name, and not that of the row above.
            or (row_number < heading_end_row and left_column >= coalesce(column_above, 0) and not is_turned)
        )
),

-- Each text once: its words, and at its end a unit after a separator, or a scope or a unit in brackets, or both.
printed_texts as (
    select distinct text from parts
),

ends as (
    {{ end_units('printed_texts') }}
),

texts as (
    select
        printed_texts.text,
        end_unit.unit_key as end_unit,
        coalesce(end_unit.words_key, {{ text_key(heading_words('printed_texts.text')) }}) as part_key,
        {{ text_key('printed_texts.text') }} as full_key
    from printed_texts
    left join ends as end_unit on printed_texts.text = end_unit.text
),

first_bracket as (
    select
        texts.*,
        whole_scope.scope as whole_scope,
        whole_unit.unit_key as whole_unit,
        bracket_scope.scope as scope_1,
        bracket_unit.unit_key as unit_1,
        case
            when bracket_scope.scope is not null or bracket_unit.unit_key is not null
                then {{ without_match('texts.part_key', '\\([^()]*\\)$') }}
            else texts.part_key
        end as words_1
    from texts
    left join {{ ref('scope_label') }} as whole_scope on texts.part_key = whole_scope.label_key
    left join {{ ref('unit') }} as whole_unit on texts.part_key = whole_unit.unit_key
    left join {{ ref('scope_label') }} as bracket_scope
        on {{ first_match('texts.part_key', '\\(([^()]*)\\)$') }} = bracket_scope.label_key
    left join {{ ref('unit') }} as bracket_unit
        on {{ first_match('texts.part_key', '\\(([^()]*)\\)$') }} = bracket_unit.unit_key
),

second_bracket as (
    select
        first_bracket.*,
        coalesce(first_bracket.whole_scope, first_bracket.scope_1, bracket_scope.scope) as scope,
        -- The unit of the translation where the Chinese says none.
        coalesce(first_bracket.unit_1, bracket_unit.unit_key, first_bracket.end_unit, english_unit.unit_key)
            as bracket_unit,
        case
            when first_bracket.words_1 = first_bracket.part_key then first_bracket.part_key
            when bracket_scope.scope is not null or bracket_unit.unit_key is not null
                then {{ without_match('first_bracket.words_1', '\\([^()]*\\)$') }}
            else first_bracket.words_1
        end as words
    from first_bracket
    left join {{ ref('scope_label') }} as bracket_scope
        on
            first_bracket.words_1 <> first_bracket.part_key
            and {{ first_match('first_bracket.words_1', '\\(([^()]*)\\)$') }} = bracket_scope.label_key
    left join {{ ref('unit') }} as bracket_unit
        on
            first_bracket.words_1 <> first_bracket.part_key
            and {{ first_match('first_bracket.words_1', '\\(([^()]*)\\)$') }} = bracket_unit.unit_key
    left join {{ ref('unit') }} as english_unit
        on
            first_bracket.full_key <> first_bracket.part_key
            and {{ first_match('first_bracket.full_key', '\\(([^()]*)\\)$') }} = english_unit.unit_key
),

texts_read as (
    select
        *,
        {{ year_alone('words') }} as part_year,
        part_key = '单位' as names_units,
        whole_unit is not null or (words = '' and bracket_unit is not null) as is_unit_alone,
        {{ matches('text', "'\\p{Han}'") }} as is_chinese,
        not {{ matches('text', "'\\p{Han}'") }} and {{ matches('text', "'[A-Za-z]{3}'") }} as is_english
    from second_bracket
),

-- Whole rows of the heading that give units, or repeat the row above in English.
heading_rows as (
    select
        parts.file_key,
        parts.sheet_index,
        parts.block_row,
        parts.row_number,
        bool_and(texts_read.is_unit_alone or texts_read.names_units)
        and bool_or(texts_read.is_unit_alone) as gives_units,
        bool_or(texts_read.is_english) and not bool_or(texts_read.is_chinese) as is_english
    from parts
    inner join texts_read on parts.text = texts_read.text
    where parts.is_own
    group by parts.file_key, parts.sheet_index, parts.block_row, parts.row_number
),

chinese_blocks as (
    select distinct
        parts.file_key,
        parts.sheet_index,
        parts.block_row
    from parts
    inner join texts_read on parts.text = texts_read.text
    where texts_read.is_chinese
),

read_parts as (
    select
        parts.*,
        texts_read.scope,
        texts_read.part_year,
        coalesce(
            texts_read.bracket_unit,
            case when heading_rows.gives_units then texts_read.whole_unit end
        ) as unit_key,
        case
            when texts_read.scope is not null and texts_read.whole_scope is not null then null
            when texts_read.part_year is not null then null
            when heading_rows.gives_units then null
            when heading_rows.is_english and chinese_blocks.block_row is not null then null
            else texts_read.words
        end as words
    from parts
    inner join texts_read on parts.text = texts_read.text
    left join heading_rows
        on
            parts.file_key = heading_rows.file_key
            and parts.sheet_index = heading_rows.sheet_index
            and parts.block_row = heading_rows.block_row
            and parts.row_number = heading_rows.row_number
    left join chinese_blocks
        on
            parts.file_key = chinese_blocks.file_key
            and parts.sheet_index = chinese_blocks.sheet_index
            and parts.block_row = chinese_blocks.block_row
),

paths_in_words as (
    select
        file_key,
        sheet_index,
        block_row,
        column_number,
        string_agg(text, ' / ' order by row_number) as heading_printed,
        coalesce(string_agg(words, '/' order by row_number) filter (where words <> ''), '') as heading_key,
        max_by(scope, row_number) as printed_scope,
        max_by(unit_key, row_number) as printed_unit,
        max(part_year) as heading_year
    from read_parts
    group by file_key, sheet_index, block_row, column_number
),

-- Cities and years of a turned block are keys, whether anything is printed beside them or not.
paths as (
    select * from paths_in_words
    union all by name
    select
        line.file_key,
        line.sheet_index,
        line.block_row,
        line.column_number,
        '' as heading_printed,
        '' as heading_key
    from (
        select
            file_key,
            sheet_index,
            block_row,
            unnest([city_line, year_line, scope_line]) as column_number
        from blocks
        where city_line is not null
    ) as line
    left join paths_in_words as known
        on
            line.file_key = known.file_key
            and line.sheet_index = known.sheet_index
            and line.block_row = known.block_row
            and line.column_number = known.column_number
    where line.column_number is not null and known.file_key is null
),

unit_lines as (
    select
        block.file_key,
        block.sheet_index,
        block.block_row,
        coalesce(
            min_by(unit.unit_key, -length(unit.unit_key)),
            -- A list of units is none of them by itself.
            case when min(listed.block_row) is null then min(block.unit_line) end
        ) as unit_key
    from {{ ref('stg_yearbook__block') }} as block
    left join {{ ref('unit') }} as unit
        on
            block.unit_line = unit.unit_key
            or {{ without_match('block.unit_line', '\\)$') }} = unit.unit_key
            or {{ without_match('block.unit_line', '\\(.*$') }} = unit.unit_key
    left join {{ ref('stg_yearbook__listed_unit') }} as listed
        on
            block.file_key = listed.file_key
            and block.sheet_index = listed.sheet_index
            and block.block_row = listed.block_row
    where block.unit_line is not null
    group by block.file_key, block.sheet_index, block.block_row
),

resolved as (
    select
        paths.*,
        sheet.sheet_indicator_code,
        sheet.sheet_unit,
        titled.indicator_code as title_indicator_code,
        titled.unit_key as title_unit,
        titled.scope as title_scope,
        unit_lines.unit_key as unit_line,
        case paths.column_number
            when block.city_line then 'city'
            when block.year_line then 'year'
            when block.scope_line then 'scope'
            else heading.role
        end as role,
        heading.indicator_code,
        heading.scope as mapped_scope,
        heading.unit as mapped_unit,
        heading.note,
        paths.heading_key = '' and paths.heading_year is not null as is_year_alone,
        paths.heading_key = '' and coalesce(paths.heading_year::varchar, paths.printed_scope) is not null as is_bare,
        row_number() over (
            partition by paths.file_key, paths.sheet_index, paths.block_row, paths.column_number
            order by {{ mapping_rank() }}
        ) as match_rank
    from paths
    inner join {{ ref('stg_yearbook__sheet') }} as sheet
        on paths.file_key = sheet.file_key and paths.sheet_index = sheet.sheet_index
    inner join {{ ref('stg_yearbook__block') }} as block
        on
            paths.file_key = block.file_key
            and paths.sheet_index = block.sheet_index
            and paths.block_row = block.block_row
    left join unit_lines
        on
            paths.file_key = unit_lines.file_key
            and paths.sheet_index = unit_lines.sheet_index
            and paths.block_row = unit_lines.block_row
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
            -- A page without Chinese names has the English ones.
            when role = 'city_en' and not bool_or(coalesce(role = 'city', false)) over block_columns then 'city'
            -- Where rows name their indicators, a heading that is a year or a scope is that of figures.
            when role is null and is_bare and bool_or(coalesce(role = 'indicator', false)) over block_columns
                then 'figure'
            else role
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
        end as column_indicator_code
    from roles
)

select
    columns_read.file_key,
    columns_read.sheet_index,
    columns_read.block_row,
    columns_read.column_number,
    columns_read.heading_printed,
    columns_read.heading_key,
    coalesce(
        columns_read.role,
        case when columns_read.column_indicator_code is not null then 'value' else 'unknown' end
    ) as role,
    columns_read.column_indicator_code as indicator_code,
    columns_read.heading_year,
    coalesce(
        columns_read.mapped_scope,
        columns_read.printed_scope,
        case
            when columns_read.is_year_alone and columns_read.sheet_indicator_code is null
                then columns_read.title_scope
        end,
        'total'
    ) as scope,
    -- The mapping gives a unit only where the page prints none, or a wrong one.
    coalesce(
        columns_read.mapped_unit,
        columns_read.printed_unit,
        case
            when columns_read.is_year_alone and columns_read.sheet_indicator_code is null
                then columns_read.title_unit
        end,
        columns_read.unit_line,
        listed_units.unit_key,
        columns_read.sheet_unit
    ) as unit_printed,
    columns_read.note
from columns_read
left join {{ ref('indicator') }} as indicator on columns_read.column_indicator_code = indicator.indicator_code
left join {{ ref('unit') }} as indicator_unit on indicator.unit = indicator_unit.unit_key
left join {{ ref('stg_yearbook__listed_unit') }} as listed_units
    on
        columns_read.file_key = listed_units.file_key
        and columns_read.sheet_index = listed_units.sheet_index
        and columns_read.block_row = listed_units.block_row
        and indicator_unit.dimension = listed_units.dimension
