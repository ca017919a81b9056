{# Sum of a group in the order of a key that is unique in it; null where there is no value. A sum of fractions in any
   order would follow threads and rows: docs/decisions/0006-one-thread-for-sums.md. #}
{% macro ordered_sum(expression, key) -%}
    {{ list_total(list_by(expression, key)) }}
{%- endmacro %}
