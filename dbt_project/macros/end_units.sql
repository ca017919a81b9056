{# Query: of each text of a relation that ends with a unit after a separator (人口,万人; GDP 亿元), the unit and the key of
   the words before it. Words that the mapping knows as they stand are left whole. #}
{% macro end_units(texts) -%}
    select
        ended.text,
        min_by(ended.unit_key, ended.part_order) as unit_key,
        min_by(ended.words_key, ended.part_order) as words_key
    from (
        select
            part.text,
            part.part_order,
            part.words_key,
            unit.unit_key
        from ({{ ends_after_separator(texts, 'text') }}) as part
        inner join {{ ref('unit') }} as unit on part.end_key = unit.unit_key
        left join {{ ref('unit') }} as words_unit on part.words_key = words_unit.unit_key
        left join {{ ref('unit') }} as text_unit on part.text_key = text_unit.unit_key
        left join (
            select distinct {{ unnest_split('heading_key', '/') }} as part_key
            from {{ ref('heading') }}
        ) as mapped on part.text_key = mapped.part_key
        where
            words_unit.unit_key is null
            and text_unit.unit_key is null
            and (mapped.part_key is null or part.words_key = part.text_key)
            and part.words_key not in ('', '单位', '计量单位', 'unit')
    ) as ended
    group by ended.text
{%- endmacro %}
