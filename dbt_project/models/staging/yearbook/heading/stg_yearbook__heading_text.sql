-- One row per distinct text of a heading: its words, and what stands at its end or alone: a unit after a separator,
-- a scope or a unit in brackets, or both; a year.
with printed_texts as (
    select distinct text from {{ ref('stg_yearbook__heading_part') }}
),

ends as (
    {{ end_units('printed_texts') }}
),

texts as (
    select
        printed_texts.text,
        end_unit.unit_key as end_unit,
        coalesce(end_unit.words_key, {{ heading_key('printed_texts.text') }}) as part_key,
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
)

select
    text,
    words,
    part_key,
    full_key,
    scope,
    whole_scope,
    whole_unit,
    bracket_unit,
    {{ year_alone('words') }} as part_year,
    part_key = '单位' as names_units,
    whole_unit is not null or (words = '' and bracket_unit is not null) as is_unit_alone,
    {{ matches('text', "'\\p{Han}'") }} as is_chinese,
    not {{ matches('text', "'\\p{Han}'") }} and {{ matches('text', "'[A-Za-z]{3}'") }} as is_english
from second_bracket
