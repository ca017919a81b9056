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
