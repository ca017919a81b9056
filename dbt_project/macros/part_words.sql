{# Query: of each distinct heading key (`heading_key`) of a relation that may be a part of a whole (其中:女性, #第一产业,
   第一产业) its own words, `part_key`, and whether a mark says so (seed part_mark). #}
{% macro part_words(keys) -%}
    select
        stripped.heading_key,
        stripped.part_key,
        stripped.part_key <> stripped.last_key as is_marked
    from (
        select
            last_words.heading_key,
            last_words.last_key,
            {{ without_matches('last_words.last_key', 'mark.word') }} as part_key
        from (
            select distinct
                heading_key,
                {{ first_match('heading_key', '([^/]*)$') }} as last_key
            from {{ keys }}
        ) as last_words
        cross join (
            select string_agg('(?:' || word || ')', '|' order by word) as word from {{ ref('part_mark') }}
        ) as mark
    ) as stripped
    where
        stripped.part_key <> stripped.last_key
        or stripped.part_key in (select part_key from {{ ref('indicator_part') }})
{%- endmacro %}
