{# Query: each year that a text of a relation of distinct texts (`text`) prints, with what kind of year it is by the words
   before and after it (seed year_word; the first that fits decides). #}
{% macro year_words(texts) -%}
    select
        text,
        place,
        year,
        kind
    from (
        select
            occurrence.text,
            occurrence.place,
            occurrence.year,
            year_word.kind,
            row_number() over (
                partition by occurrence.text, occurrence.place
                order by year_word.word_order
            ) as word_rank
        from ({{ year_places(texts) }}) as occurrence
        inner join {{ ref('year_word') }} as year_word
            on
                (year_word.before is null or {{ matches('occurrence.text_before', 'year_word.before') }})
                and (year_word.after is null or {{ matches('occurrence.text_after', 'year_word.after') }})
    ) as ranked
    where word_rank = 1
{%- endmacro %}

{# Whether a text speaks of a part of a year; needs `part_of_year`, made by period_patterns, joined on true. #}
{% macro names_part_of_year(text) -%}
    {{ matches_beside(text, 'part_of_year.word', 'part_of_year.except_words') }}
{%- endmacro %}

{# Query: the words for parts of a year as one pattern, and those that are none of them though they look so. #}
{% macro period_patterns() -%}
    {{ joined_words('period_word') }}
{%- endmacro %}

{# Query: the words of a seed as one pattern, `word`, and its exceptions as another, `except_words`; by groups if any. #}
{% macro joined_words(seed, groups=[]) -%}
    select
        {%- for group in groups %}
        {{ group }},
        {%- endfor %}
        string_agg('(?:' || word || ')', '|' order by word) as word,
        {%- if seed != 'scope_word' %}
        string_agg('(?:' || except_words || ')', '|' order by except_words) filter (where except_words is not null)
            as except_words
        {%- else %}
        null as except_words
        {%- endif %}
    from {{ ref(seed) }}
    {%- if groups %}
    group by {{ groups | join(', ') }}
    {%- endif %}
{%- endmacro %}
