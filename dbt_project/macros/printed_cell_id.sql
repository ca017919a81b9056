{# The key of a cell where it is printed; needs `region` joined by join_region. #}
{% macro printed_cell_id(relation) -%}
    {%- set line = relation ~ '.row_number - region.row_base - 1' -%}
    {%- set place = relation ~ '.column_number - 1' -%}
    {{ cell_id(
        relation ~ '.file_key',
        relation ~ '.sheet_index',
        '(case when region.is_turned then region.first_row + ' ~ place ~ ' else coalesce(region.first_row + ' ~ line
            ~ ', ' ~ relation ~ '.row_number) end)',
        '(case when region.is_turned then region.first_column + ' ~ line ~ ' else coalesce(region.first_column + '
            ~ place ~ ', ' ~ relation ~ '.column_number) end)'
    ) }}
{%- endmacro %}
