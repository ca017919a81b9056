-- One row per figure that several sources print: the source with the first claim, and the largest camp against it.
-- A camp is a figure with all sources that say the same. It outvotes the first when it has as many votes as the bound
-- asks for, more than the first has, and contradicts it. What then becomes of the figure is the check's decision.
with voted as (
    select
        mine.city_code,
        mine.year,
        mine.indicator_code,
        mine.scope,
        mine.source_id,
        mine.standing,
        mine.value,
        mine.cell_id,
        count(*) filter (where {{ figures_agree('mine.value', 'other.value', 'bound.agree') }}) as votes
    from {{ ref('int_city_year__source') }} as mine
    inner join {{ ref('int_city_year__source') }} as other
        on
            mine.city_code = other.city_code
            and mine.year = other.year
            and mine.indicator_code = other.indicator_code
            and mine.scope = other.scope
    inner join {{ ref('int_city_year__check_bound') }} as bound on mine.indicator_code = bound.indicator_code
    where bound.agree is not null and bound.contradict is not null and bound.votes is not null
    group by
        mine.city_code,
        mine.year,
        mine.indicator_code,
        mine.scope,
        mine.source_id,
        mine.standing,
        mine.value,
        mine.cell_id
),

against as (
    select
        first.city_code,
        first.year,
        first.indicator_code,
        first.scope,
        first.source_id as first_source_id,
        first.value as first_value,
        first.cell_id as first_cell_id,
        first.votes as first_votes,
        other.source_id as camp_source_id,
        other.value as camp_value,
        other.cell_id as camp_cell_id,
        other.votes as camp_votes,
        bound.contradict,
        other.votes >= bound.votes
        and other.votes > first.votes
        and not {{ figures_agree('first.value', 'other.value', 'bound.contradict') }}
            as is_outvoted,
        count(*) over same_figure as other_sources,
        row_number() over (same_figure order by other.votes desc, other.standing asc) as place
    from voted as first
    inner join voted as other
        on
            first.city_code = other.city_code
            and first.year = other.year
            and first.indicator_code = other.indicator_code
            and first.scope = other.scope
            and first.standing < other.standing
    inner join {{ ref('int_city_year__check_bound') }} as bound on first.indicator_code = bound.indicator_code
    where first.standing = 1
    window same_figure as (partition by first.city_code, first.year, first.indicator_code, first.scope)
)

select
    against.city_code,
    against.year,
    against.indicator_code,
    against.scope,
    against.first_source_id,
    against.first_value,
    against.first_cell_id,
    against.first_votes,
    against.camp_source_id,
    against.camp_value,
    against.camp_cell_id,
    against.camp_votes,
    against.other_sources,
    against.contradict,
    against.is_outvoted,
    rule.decision
from against
inner join {{ ref('figure_check_rule') }} as rule on rule.check_id = 'outvoted'
where against.place = 1
