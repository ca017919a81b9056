{# Query: of each block whose unit line lists known units only (万人、亿元、%), per dimension the unit, or null if
   there are several. A line that is one unit as it stands (千册、件) is no list. #}
{% macro listed_units() -%}
    {%- set between = '[、,;；和及]' -%}
    select
        listed.file_key,
        listed.sheet_index,
        listed.block_row,
        listed.dimension,
        case when count(distinct listed.unit_code) = 1 then min(listed.unit_key) end as unit_key
    from (
        select
            part.*,
            unit.unit_key,
            unit.unit_code,
            unit.dimension,
            bool_and(unit.unit_key is not null) over (
                partition by part.file_key, part.sheet_index, part.block_row
            ) as are_all_known
        from (
            select
                block.file_key,
                block.sheet_index,
                block.block_row,
                {{ unnest_split('block.unit_line', between) }} as words
            from {{ ref('stg_yearbook__block') }} as block
            left join {{ ref('unit') }} as whole on block.unit_line = whole.unit_key
            where
                whole.unit_key is null
                and {{ matches('block.unit_line', "'" ~ between ~ "'") }}
        ) as part
        left join {{ ref('unit') }} as unit
            on {{ without_match('part.words', '\\(.*$|\\)$') }} = unit.unit_key
    ) as listed
    where listed.are_all_known
    group by listed.file_key, listed.sheet_index, listed.block_row, listed.dimension
{%- endmacro %}
