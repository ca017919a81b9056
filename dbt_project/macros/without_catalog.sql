{# A table under its schema alone. Views need it: DuckDB keeps their text, and a release has another catalog. #}
{% macro without_catalog(relation) -%}
    {{ return(relation.include(database=false)) }}
{%- endmacro %}
