{# Query: of each distinct text (`text`) of a relation the measures that its own words name, as '|share|growth|': under a
   title of shares 从业人员比重 is a share, 教育支出 says nothing of it. #}
{% macro answered_measures(texts) -%}
    select
        texts.text,
        '|' || string_agg(measure.measure, '|' order by measure.measure) || '|' as answered
    from {{ texts }} as texts
    inner join {{ ref('measure') }} as measure
        on {{ matches_beside('texts.text', 'measure.answered_by', 'measure.answered_except') }}
    group by texts.text
{%- endmacro %}
