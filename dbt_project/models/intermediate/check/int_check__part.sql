{{ config(materialized='view') }}
-- One row per whole, whether it is the sum of its parts, and per part of a whole that several sources print, whether it
-- is a part of one that is outvoted: parts that add up to a wrong whole come from the same wrong block.
select
    city_code,
    year,
    indicator_code,
    scope,
    'parts_differ' as check_id,
    value,
    cell_id,
    'within ' || {{ number_text('parts_ratio') }} || ' times the sum of ' || part_figures as expected,
    parts_ratio as bound,
    value / nullif(total, 0) as ratio,
    not adds_up as fails
from {{ without_catalog(ref('int_check__whole')) }}
union all
select
    part.city_code,
    part.year,
    part.indicator_code,
    part.scope,
    'part_of_outvoted' as check_id,
    part.value,
    part.cell_id,
    vote.indicator_code || ' ' || vote.expected as expected,
    vote.bound,
    vote.ratio,
    vote.fails and whole.adds_up and explanation.check_id is null as fails
from {{ without_catalog(ref('int_check__vote')) }} as vote
inner join {{ without_catalog(ref('int_check__whole')) }} as whole
    on
        vote.city_code = whole.city_code
        and vote.year = whole.year
        and vote.indicator_code = whole.indicator_code
        and vote.scope = whole.scope
inner join {{ without_catalog(ref('figure_part')) }} as figure_part
    on whole.indicator_code = figure_part.whole_indicator_code
inner join {{ without_catalog(ref('int_city_year__base')) }} as part
    on
        whole.city_code = part.city_code
        and whole.year = part.year
        and whole.scope = part.scope
        and figure_part.part_indicator_code = part.indicator_code
left join {{ without_catalog(ref('figure_check_explanation')) }} as explanation
    on
        vote.check_id = explanation.check_id
        and vote.city_code = explanation.city_code
        and vote.year = explanation.year
        and vote.indicator_code = explanation.indicator_code
        and vote.scope = explanation.scope
        and vote.value = explanation.expected_value
