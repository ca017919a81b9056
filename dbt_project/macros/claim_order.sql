{# Which figure of one source counts: what was printed before what was computed, the latest edition, of one edition the one printed to the smaller step, then the
   first by file path, sheet and cell. `observation` and `sheet` are the aliases of int_city_year__observation and
   stg_yearbook__sheet. #}
{% macro claim_order(observation, sheet) -%}
    {{ observation }}.is_computed asc,
    {{ observation }}.edition desc nulls last,
    {{ observation }}.print_step asc,
    {{ sheet }}.relative_path asc,
    {{ observation }}.sheet_index asc,
    {{ observation }}.row_number asc,
    {{ observation }}.column_number asc,
    {{ observation }}.cell_id asc
{%- endmacro %}
