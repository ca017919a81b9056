{# How many threads a query may use. One is the rule, for a sum depends on the order in which threads finish: more only
   around a model that adds up no fractions. CITYPANEL_QUERY_THREADS overrules all, for the test that no figure depends
   on it. #}
{% macro use_threads(threads) -%}
    {{ return(adapter.dispatch('use_threads', 'citypanel')(threads)) }}
{%- endmacro %}

{% macro duckdb__use_threads(threads) -%}
    set threads = {{ env_var('CITYPANEL_QUERY_THREADS', threads | string) }}
{%- endmacro %}
