{# Query: of each block and key of a relation (`file_key`, `sheet_index`, `block_row`, `heading_key`, distinct) the row of
   the mapping that speaks. #}
{% macro mapping_of(keys) -%}
    select
        file_key,
        sheet_index,
        block_row,
        heading_key,
        role,
        indicator_code,
        scope,
        unit
    from (
        select
            keys.file_key,
            keys.sheet_index,
            keys.block_row,
            keys.heading_key,
            heading.role,
            heading.indicator_code,
            heading.scope,
            heading.unit,
            row_number() over (
                partition by keys.file_key, keys.sheet_index, keys.block_row, keys.heading_key
                order by {{ mapping_rank() }}
            ) as match_rank
        from {{ keys }} as keys
        inner join {{ ref('stg_yearbook__sheet') }} as sheet
            on keys.file_key = sheet.file_key and keys.sheet_index = sheet.sheet_index
        inner join {{ ref('stg_yearbook__block') }} as block
            on
                keys.file_key = block.file_key
                and keys.sheet_index = block.sheet_index
                and keys.block_row = block.block_row
        inner join {{ ref('heading') }} as heading
            on
                keys.heading_key = heading.heading_key
                and {{ mapping_fits() }}
    ) as ranked
    where match_rank = 1
{%- endmacro %}
