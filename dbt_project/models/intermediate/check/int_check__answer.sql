{{ config(materialized='view') }}
-- One row per figure and check that was asked of it: what was expected, and whether the figure fails. A view: figures
-- that fail are in marts.figure_check. An explanation counts for the value that was looked at and no other.
select
    answer.city_code,
    answer.year,
    answer.indicator_code,
    answer.scope,
    answer.check_id,
    answer.value,
    answer.cell_id,
    answer.expected,
    answer.bound,
    answer.ratio,
    answer.fails,
    explanation.reason as explanation
from (
    select * from {{ without_catalog(ref('int_check__vote')) }}
    union all
    select * from {{ without_catalog(ref('int_check__neighbour')) }}
    union all
    select * from {{ without_catalog(ref('int_check__range')) }}
    union all
    select * from {{ without_catalog(ref('int_check__part')) }}
) as answer
left join {{ without_catalog(ref('figure_check_explanation')) }} as explanation
    on
        answer.check_id = explanation.check_id
        and answer.city_code = explanation.city_code
        and answer.year = explanation.year
        and answer.indicator_code = explanation.indicator_code
        and answer.scope = explanation.scope
        and answer.value = explanation.expected_value
