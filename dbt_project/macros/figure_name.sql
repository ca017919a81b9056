{# A figure by its column of city_year and its year, as `gdp 2022` or `gdp_districts 2022`. #}
{% macro figure_name(figure) -%}
    {{ figure }}.indicator_code
    || case when {{ figure }}.scope = 'total' then '' else '_' || {{ figure }}.scope end
    || ' '
    || {{ figure }}.year
{%- endmacro %}
