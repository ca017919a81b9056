{# A number in a sentence, without the digits that arithmetic adds. #}
{% macro number_text(expression) -%}
    regexp_replace(printf('%.4f', {{ expression }}), '[.]?0+$', '')
{%- endmacro %}
