{# The columns of number_input: a released value, and one of the values that it was made of. #}
{% macro made_of(role, coefficient="1", kind="input.value_kind") -%}
    made.city_code,
    made.year,
    made.indicator_code,
    made.scope,
    made.value,
    {{ role }} as role,
    {{ coefficient }} as coefficient,
    input.city_code as input_city_code,
    input.year as input_year,
    input.indicator_code as input_indicator_code,
    input.scope as input_scope,
    input.value as input_value,
    {{ kind }} as input_value_kind,
    input.cell_id as input_cell_id
{%- endmacro %}
