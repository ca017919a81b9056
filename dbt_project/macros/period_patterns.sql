{# Query: the words for parts of a year as one pattern, and those that are none of them though they look so. #}
{% macro period_patterns() -%}
    {{ joined_words('period_word') }}
{%- endmacro %}
