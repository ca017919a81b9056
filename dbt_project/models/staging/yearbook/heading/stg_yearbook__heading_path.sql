-- One row per column of a block: the path of its heading as printed and in words, and the scope, unit and year that the
-- path prints. Whether an upper heading that was left open stands over a column can't be told where it changes what the
-- column means, unless the same words stand under another such heading: then the heading is laid out in groups.
with
-- Whole rows of the heading that give units, or repeat the row above in English.
heading_rows as (
    select
        parts.file_key,
        parts.sheet_index,
        parts.block_row,
        parts.row_number,
        (
            bool_and(texts.is_unit_alone or texts.names_units)
            and bool_or(texts.is_unit_alone)
        )
        -- A stranger among units is a unit that nobody knows yet.
        or (
            parts.row_number > parts.block_row
            and count(*) filter (where texts.is_unit_alone) * 2 > count(*) filter (where not texts.names_units)
        ) as gives_units,
        bool_or(texts.is_english) and not bool_or(texts.is_chinese) as is_english
    from {{ ref('stg_yearbook__heading_part') }} as parts
    inner join {{ ref('stg_yearbook__heading_text') }} as texts on parts.text = texts.text
    where parts.is_own
    group by parts.file_key, parts.sheet_index, parts.block_row, parts.row_number
),

chinese_blocks as (
    select distinct
        parts.file_key,
        parts.sheet_index,
        parts.block_row
    from {{ ref('stg_yearbook__heading_part') }} as parts
    inner join {{ ref('stg_yearbook__heading_text') }} as texts on parts.text = texts.text
    where texts.is_chinese
),

read_parts as (
    select
        parts.*,
        texts.scope,
        texts.part_year,
        case
            when not coalesce(heading_rows.gives_units, false) then texts.bracket_unit
            -- A unit in a row of units is its own column's alone.
            when parts.is_own and not texts.names_units
                then coalesce(texts.bracket_unit, texts.whole_unit, texts.part_key)
        end as unit_key,
        case
            when texts.scope is not null and texts.whole_scope is not null then null
            when texts.part_year is not null then null
            when heading_rows.gives_units then null
            when heading_rows.is_english and chinese_blocks.block_row is not null then null
            else texts.words
        end as words
    from {{ ref('stg_yearbook__heading_part') }} as parts
    inner join {{ ref('stg_yearbook__heading_text') }} as texts on parts.text = texts.text
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
        max(part_year) as heading_year,
        count(distinct scope) > 1 as has_two_scopes,
        count(distinct part_year) > 1 as has_two_years,
        -- What its own cells say, and which scope or year only stands open over it.
        string_agg(words, '/' order by row_number) filter (where is_own and words <> '') as own_words,
        min(text) filter (where not is_own and coalesce(scope, part_year::varchar) is not null) as open_text
    from read_parts
    group by file_key, sheet_index, block_row, column_number
),

grouped as (
    select
        *,
        open_text is not null
        and own_words is not null
        and count(distinct coalesce(printed_scope, '') || coalesce(heading_year::varchar, '')) filter (
            where coalesce(printed_scope, heading_year::varchar) is not null
        ) over (partition by file_key, sheet_index, block_row, own_words) < 2 as is_open
    from paths_in_words
)

-- Cities and years of a turned block are keys, whether anything is printed beside them or not.
select
    file_key,
    sheet_index,
    block_row,
    column_number,
    heading_printed,
    heading_key,
    printed_scope,
    printed_unit,
    heading_year,
    has_two_scopes,
    has_two_years,
    is_open
from grouped
union all
select
    line.file_key,
    line.sheet_index,
    line.block_row,
    line.column_number,
    '' as heading_printed,
    '' as heading_key,
    null as printed_scope,
    null as printed_unit,
    null as heading_year,
    false as has_two_scopes,
    false as has_two_years,
    false as is_open
from (
    select
        file_key,
        sheet_index,
        block_row,
        unnest([city_line, year_line, scope_line]) as column_number
    from {{ ref('stg_yearbook__block') }}
    where city_line is not null
) as line
left join paths_in_words as known
    on
        line.file_key = known.file_key
        and line.sheet_index = known.sheet_index
        and line.block_row = known.block_row
        and line.column_number = known.column_number
where line.column_number is not null and known.file_key is null
union all
-- Fields of a text file to the right of its heading: figures under no heading.
select distinct
    overflow.file_key,
    overflow.sheet_index,
    overflow.block_row,
    overflow.column_number,
    '' as heading_printed,
    '' as heading_key,
    null as printed_scope,
    null as printed_unit,
    null as heading_year,
    false as has_two_scopes,
    false as has_two_years,
    false as is_open
from {{ ref('stg_yearbook__overflow') }} as overflow
left join paths_in_words as known
    on
        overflow.file_key = known.file_key
        and overflow.sheet_index = known.sheet_index
        and overflow.block_row = known.block_row
        and overflow.column_number = known.column_number
where known.file_key is null
