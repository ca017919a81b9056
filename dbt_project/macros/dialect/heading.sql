{# How words and marks of a heading are taken apart: patterns and lists that only one engine says so. #}

{# The number of a column as a page prints it under its headings, in a key: 1, (1), ①; null when it is none. #}
{% macro column_number(expression) -%}
    {{ return(adapter.dispatch('column_number', 'citypanel')(expression)) }}
{%- endmacro %}

{% macro duckdb__column_number(expression) -%}
    coalesce(
        try_cast(
            nullif(regexp_extract({{ expression }}, '^[(\[]?([0-9]{1,3})[)\]]?$', 1), '') as integer
        ),
        case
            when length({{ expression }}) = 1
                then nullif(strpos('①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳', {{ expression }}), 0)
        end
    )
{%- endmacro %}

{# Whether a key marks a column without a number: a letter, 甲, or what such a row is called. #}
{% macro column_letter(expression) -%}
    {{ return(adapter.dispatch('column_letter', 'citypanel')(expression)) }}
{%- endmacro %}

{% macro duckdb__column_letter(expression) -%}
    regexp_matches({{ expression }}, '^([(\[]?[a-z甲乙丙丁戊己庚辛壬癸][)\]]?|栏次|栏目|栏号|列次|列号|序号)$')
{%- endmacro %}

{# One row per part of a text between what a pattern matches. #}
{% macro unnest_split(expression, pattern) -%}
    {{ return(adapter.dispatch('unnest_split', 'citypanel')(expression, pattern)) }}
{%- endmacro %}

{% macro duckdb__unnest_split(expression, pattern) -%}
    unnest(string_split_regex({{ expression }}, '{{ pattern }}'))
{%- endmacro %}

{# What a pattern's group finds in a text, as a key in which each blank between words is a comma: 万元、万人. #}
{% macro listed_by_blanks(expression, pattern) -%}
    {{ return(adapter.dispatch('listed_by_blanks', 'citypanel')(expression, pattern)) }}
{%- endmacro %}

{% macro duckdb__listed_by_blanks(expression, pattern) -%}
    {%- set blank = '[\\s\\x{00A0}\\x{3000}]+' -%}
    {%- set found = "regexp_extract(" ~ expression ~ ", '" ~ pattern ~ "', 1)" -%}
    {%- set trimmed = "regexp_replace(" ~ found ~ ", '^" ~ blank ~ "|" ~ blank ~ "$', '', 'g')" -%}
    {{ text_key("regexp_replace(" ~ trimmed ~ ", '" ~ blank ~ "', '、', 'g')") }}
{%- endmacro %}

{# Query: each end of each text that stands after a separator, in the order in which it is to be taken: `text_key`,
   `words_key` and `end_key` are the heading's own words as a whole, before and after the separator.

   Commas and colons separate. A slash does when nothing else does (人口/万人, but 人均耕地 亩/人 is no unit of persons).
   White space does before Chinese, figures and signs (GDP 亿元, but not "hospital beds"), where it doesn't space out the
   letters of one word (工 人). What is counted "per" is no unit: 每 万人. -#}
{% macro ends_after_separator(texts, text) -%}
    {{ return(adapter.dispatch('ends_after_separator', 'citypanel')(texts, text)) }}
{%- endmacro %}

{% macro duckdb__ends_after_separator(texts, text) -%}
    {%- set strong, slash, blank = ',，:：', '/／', '\\s\\x{00A0}\\x{3000}' -%}
    {%- set any = strong ~ slash ~ blank -%}
    select
        text, part_order,
        {{ text_key(heading_words('line')) }} as text_key,
        {{ text_key(heading_words('words')) }} as words_key,
        {{ text_key('ending') }} as end_key
    from (
        select
            text, line,
            -- The longest end first, the heading's own words before its translation.
            line_order * 1000 + place as part_order,
            regexp_replace(left(line, place - 1), '[{{ any }}]+$', '') as words,
            substr(line, place + 1) as ending, substr(line, place, 1) as separator
        from (
            select *, unnest(generate_series(2, length(line))) as place
            from (
                select {{ text }} as text, unnest([1, 2]) as line_order,
                    regexp_replace(unnest([{{ heading_words(text) }}, {{ text }}]), '[{{ blank }}]+$', '') as line
                from {{ texts }}
                where regexp_matches({{ text }}, '[{{ any }}]')
            )
        )
        where regexp_matches(substr(line, place, 1), '[{{ any }}]')
    )
    where
        not regexp_matches(words, '每[一十百千万亿]*$')
        and case
            when regexp_matches(separator, '[{{ strong }}]') then true
            when regexp_matches(separator, '[{{ slash }}]') then regexp_matches(words, '^[^{{ any }}]+$')
            else
                regexp_matches(ending, '^[{{ blank }}]*[\p{Han}0-9%％‰]')
                and not (
                    regexp_matches(words, '(^|[{{ blank }}{{ strong }}、])\p{Han}$')
                    and regexp_matches(ending, '^[{{ blank }}]*\p{Han}([{{ blank }}]|$)')
                )
        end
{%- endmacro %}
