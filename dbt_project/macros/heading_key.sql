{# A heading as it is looked up: its own words without translation, white space and marks of footnotes. #}
{% macro heading_key(text) -%}
    {{ without_footnote_marks(text_key(heading_words(text))) }}
{%- endmacro %}
