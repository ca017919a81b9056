-- One row per row that is a section's label, 市辖区 or 二、比上年增长(%): words and no figure. Its scope holds as far as the
-- next label of a scope, its measure as far as the next label that is no place.
with labels as (
    select
        file_key,
        sheet_index,
        block_row,
        row_number,
        {{ without_match(
            "coalesce(" ~ text_key('indicator_printed') ~ ", case when city_name_printed is not null then printed_key end)",
            '^([(]?[一二三四五六七八九十0-9]+[)、.．])+'
        ) }} as label
    from {{ ref('stg_yearbook__row_key') }}
    where value_cells = 0 and length(coalesce(indicator_printed, city_name_printed)) <= 60
),

texts as (
    select distinct label as text from labels
),

words as (
    select
        measure,
        string_agg('(?:' || word || ')', '|' order by word) as word,
        string_agg('(?:' || except_words || ')', '|' order by except_words) filter (where except_words is not null)
            as except_words
    from {{ ref('measure_word') }}
    where contains(parts, 'section')
    group by measure
),

part_of_year as (
    {{ period_patterns() }}
),

places as (
    select {{ text_key('alias') }} as name_key from {{ ref('city_alias') }}
    union
    select {{ text_key('name_zh') }} as name_key from {{ ref('province') }}
    union
    select {{ text_key('short_zh') }} as name_key from {{ ref('province') }}
    union
    select name_key from {{ ref('aggregate_name') }}
),

known as (
    select
        texts.text,
        min(scope_label.scope) as scope,
        coalesce(min(words.measure), '') as measure,
        bool_or({{ names_part_of_year('texts.text') }}) as is_part_of_year
    from texts
    cross join part_of_year
    left join {{ ref('scope_label') }} as scope_label
        on {{ without_matches('texts.text', "'^[(]|[):]$'") }} = scope_label.label_key
    left join words on {{ matches_beside('texts.text', 'words.word', 'words.except_words') }}
    left join places on {{ without_name_marks('texts.text') }} = places.name_key
    where places.name_key is null
    group by texts.text
)

select
    labels.file_key,
    labels.sheet_index,
    labels.block_row,
    labels.row_number,
    known.scope,
    known.measure,
    known.is_part_of_year
from labels
inner join known on labels.label = known.text
