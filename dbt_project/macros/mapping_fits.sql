{# Whether a row of the mapping (`heading`) may speak of a heading of this sheet and block (`sheet`, `block`). #}
{% macro mapping_fits() -%}
    heading.source_id in (sheet.vocabulary, '*')
    and coalesce(sheet.edition, 9999) >= coalesce(heading.edition_from, 0)
    and coalesce(sheet.edition, 0) <= coalesce(heading.edition_to, 9999)
    and (
        heading.table_pattern is null
        or {{ matches("coalesce(block.table_title, '')", 'heading.table_pattern') }}
    )
{%- endmacro %}
