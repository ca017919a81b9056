{# Joins the part of a sheet that a row of staging was moved from (stg_yearbook__region, alias `region`), if any. #}
{% macro join_region(relation) -%}
    left join {{ ref('stg_yearbook__region') }} as region
        on
            {{ relation }}.file_key = region.file_key
            and {{ relation }}.sheet_index = region.sheet_index
            and {{ relation }}.row_number > region.row_base
            and {{ relation }}.row_number <= region.row_base + region.lines
{%- endmacro %}
