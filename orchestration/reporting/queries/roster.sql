with in_panel as (
    select
        policy_id,
        first_treated_year,
        count(distinct city_code) as cities
    from marts.policy_exposure
    where coverage = 'whole' and timing = 'pilot_year' and first_treated_year is not null
    group by all
)

select
    coverage.policy_id as policy,
    policy.name_en as policy_label,
    coverage.batch,
    coverage.pilot_year as year,
    coverage.entries_announced as announced,
    coverage.entries_listed as listed,
    coverage.whole_cities as whole_prefecture,
    coalesce(in_panel.cities, 0) as in_panel,
    concat_ws(
        '; ',
        case when not coverage.is_complete then 'INCOMPLETE: fewer entries listed than announced' end,
        case when coverage.entries_unconfirmed > 0
                then coverage.entries_unconfirmed || ' entries not checked against the notice'
        end,
        coverage.note
    ) as note
from marts.policy_roster_coverage as coverage
inner join seed.policy as policy on coverage.policy_id = policy.policy_id
left join in_panel
    on coverage.policy_id = in_panel.policy_id and coverage.pilot_year = in_panel.first_treated_year
order by coverage.policy_id, coverage.batch
