{{ config(materialized='view') }}
-- One row per figure that several sources print: whether the others outvote the one that was kept.
-- Asked of the figure after corrections: one that was corrected to what the others print is no longer outvoted.
select
    kept.city_code,
    kept.year,
    kept.indicator_code,
    kept.scope,
    'outvoted' as check_id,
    kept.value,
    kept.cell_id,
    'within ' || {{ number_text('vote.contradict') }} || ' times of ' || {{ number_text('vote.camp_value') }}
    || ', which ' || vote.camp_votes || ' of the sources print, against ' || vote.first_votes as expected,
    vote.contradict as bound,
    kept.value / nullif(vote.camp_value, 0) as ratio,
    vote.is_outvoted
    and not {{ figures_agree('kept.value', 'vote.camp_value', 'vote.contradict') }} as fails
from {{ without_catalog(ref('int_city_year__corrected')) }} as kept
inner join {{ without_catalog(ref('int_city_year__vote')) }} as vote
    on
        kept.city_code = vote.city_code
        and kept.year = vote.year
        and kept.indicator_code = vote.indicator_code
        and kept.scope = vote.scope
