{# Whether a text speaks of a part of a year; needs `part_of_year`, made by period_patterns, joined on true. #}
{% macro names_part_of_year(text) -%}
    {{ matches_beside(text, 'part_of_year.word', 'part_of_year.except_words') }}
{%- endmacro %}
