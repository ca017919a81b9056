{# Query: of each block whose unit line lists known units only (万人、亿元、%), per dimension the unit, or null if
   there are several. A line that is one unit as it stands (千册、件) is no list. Blanks separate units where nothing
   else makes known units of the line: 万元 万人, but not 万 元、亿 元. #}
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
            known.*,
            min(known.reading) over (partition by known.file_key, known.sheet_index, known.block_row) as first_reading
        from (
            select
                part.*,
                unit.unit_key,
                unit.unit_code,
                unit.dimension,
                bool_and(unit.unit_key is not null) over (
                    partition by part.file_key, part.sheet_index, part.block_row, part.reading
                ) as are_all_known
            from (
                select
                    line.file_key,
                    line.sheet_index,
                    line.block_row,
                    line.reading,
                    {{ unnest_split('line.words', between) }} as words
                from (
                    select
                        block.*,
                        1 as reading,
                        block.unit_line as words
                    from {{ ref('stg_yearbook__block') }} as block
                    union all
                    select
                        block.*,
                        2 as reading,
                        block.unit_list as words
                    from {{ ref('stg_yearbook__block') }} as block
                ) as line
                left join {{ ref('unit') }} as whole on line.unit_line = whole.unit_key
                where
                    whole.unit_key is null
                    and {{ matches('line.words', "'" ~ between ~ "'") }}
            ) as part
            left join {{ ref('unit') }} as unit
                on {{ without_match('part.words', '\\(.*$|\\)$') }} = unit.unit_key
        ) as known
        where known.are_all_known
    ) as listed
    where listed.reading = listed.first_reading
    group by listed.file_key, listed.sheet_index, listed.block_row, listed.dimension
{%- endmacro %}
