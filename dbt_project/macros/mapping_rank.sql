{# Of several that may, the first speaks: its own source's, its table's, the newest. #}
{% macro mapping_rank() -%}
    (heading.source_id = '*')::integer,
    (heading.table_pattern is null)::integer,
    heading.edition_from desc nulls last
{%- endmacro %}
