{# Numbers: what only one engine says so. #}

{# A figure as ranks compare it, to ten significant digits: what differs beyond them is equal. #}
{% macro significant(expression) -%}
    {{ return(adapter.dispatch('significant', 'citypanel')(expression)) }}
{%- endmacro %}

{% macro duckdb__significant(expression) -%}
    format('{:.9e}', {{ expression }})::double
{%- endmacro %}

{# Whether a figure is a number that can be computed with: neither NaN nor infinite. #}
{% macro is_finite(expression) -%}
    {{ return(adapter.dispatch('is_finite', 'citypanel')(expression)) }}
{%- endmacro %}

{% macro duckdb__is_finite(expression) -%}
    isfinite({{ expression }})
{%- endmacro %}
