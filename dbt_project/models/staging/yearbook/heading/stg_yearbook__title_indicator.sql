-- One row per block whose title, or the name of its tab, is a mapped heading: the indicator, unit and scope. A page of
-- years has no other place to say so. The unit stands in brackets, or behind the words where it measures them.
with title_lines as (
    select
        block.file_key,
        block.sheet_index,
        block.block_row,
        {{ unnest_lines("block.table_title || chr(10) || coalesce(" ~ text_key('sheet.sheet_name') ~ ", '')") }}
            as line
    from {{ ref('stg_yearbook__block') }} as block
    inner join {{ ref('stg_yearbook__sheet') }} as sheet
        on block.file_key = sheet.file_key and block.sheet_index = sheet.sheet_index
    where block.table_title is not null
),

-- Scopes and years of a title are read elsewhere: 地区生产总值 市辖区 (2020年) is about 地区生产总值.
scope_words as (
    select '[(]?(?:' || string_agg(label_key, '|' order by length(label_key) desc, label_key) || ')[)]?' as pattern
    from {{ ref('scope_label') }}
),

bare_lines as (
    select
        title_lines.file_key,
        title_lines.sheet_index,
        title_lines.block_row,
        title_lines.line
    from title_lines
    union
    select
        title_lines.file_key,
        title_lines.sheet_index,
        title_lines.block_row,
        {{ without_matches(
            without_match('title_lines.line', '[(]?(?:19|20)[0-9]{2}年(?:末|底)?[)]?'), 'scope_words.pattern'
        ) }} as line
    from title_lines
    cross join scope_words
),

title_words as (
    select
        bare_lines.file_key,
        bare_lines.sheet_index,
        bare_lines.block_row,
        unit.unit_key,
        {{ without_match(
            "case when unit.unit_key is not null then " ~ without_match('bare_lines.line', '\\([^()]*\\)$')
            ~ " else bare_lines.line end",
            '^表?[0-9]+[-.—][0-9]+_?'
        ) }} as words
    from bare_lines
    left join {{ ref('unit') }} as unit
        on {{ first_match('bare_lines.line', '\\(([^()]*)\\)$') }} = unit.unit_key
),

-- 地区生产总值亿元: the words of a mapping, and after them a unit of what it measures.
title_readings as (
    select
        file_key,
        sheet_index,
        block_row,
        words,
        unit_key,
        null as dimension
    from title_words
    union all
    select
        title_words.file_key,
        title_words.sheet_index,
        title_words.block_row,
        {{ without_match(
            'left(title_words.words, length(title_words.words) - length(unit.unit_key))', '[,:;/、]+$'
        ) }} as words,
        unit.unit_key,
        unit.dimension
    from title_words
    inner join {{ ref('unit') }} as unit
        on
            ends_with(title_words.words, unit.unit_key)
            and length(unit.unit_key) < length(title_words.words)
    where title_words.unit_key is null
)

select
    title_readings.file_key,
    title_readings.sheet_index,
    title_readings.block_row,
    min(heading.indicator_code) as indicator_code,
    min(coalesce(heading.unit, title_readings.unit_key)) as unit_key,
    min(heading.scope) as scope,
    min(heading.heading_key) as heading_key
from title_readings
inner join {{ ref('stg_yearbook__sheet') }} as sheet
    on title_readings.file_key = sheet.file_key and title_readings.sheet_index = sheet.sheet_index
inner join {{ ref('heading') }} as heading
    on
        title_readings.words = heading.heading_key
        and heading.role = 'value'
        and heading.source_id in (sheet.vocabulary, '*')
        and heading.table_pattern is null
inner join {{ ref('indicator') }} as indicator on heading.indicator_code = indicator.indicator_code
inner join {{ ref('unit') }} as indicator_unit
    on
        indicator.unit = indicator_unit.unit_key
        and coalesce(title_readings.dimension, indicator_unit.dimension) = indicator_unit.dimension
group by title_readings.file_key, title_readings.sheet_index, title_readings.block_row
having count(distinct heading.indicator_code) = 1
