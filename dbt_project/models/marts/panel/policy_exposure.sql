-- One row per policy x coverage x timing x city x year: whether the policy is in force there.
-- coverage: `whole` counts entries that are the whole prefecture-level unit, `any_part` also parts of it.
-- timing: `pilot_year` starts with the year of the batch, `announcement_year` with the day it was made public.
with entries as (
    select
        roster.policy_id,
        roster.city_code,
        roster.covers,
        roster.pilot_year,
        extract(year from try_cast(batch.announced_on as date))::integer as announcement_year
    from {{ ref('policy_roster') }} as roster
    inner join {{ ref('policy_batch') }} as batch
        on roster.policy_id = batch.policy_id and roster.batch = batch.batch
    where roster.city_code is not null
),

rules as (
    select
        policy.policy_id,
        coverage.coverage,
        timing.timing
    from {{ ref('policy') }} as policy
    cross join (values ('whole'), ('any_part')) as coverage (coverage) -- noqa: AL05
    cross join (values ('pilot_year'), ('announcement_year')) as timing (timing) -- noqa: AL05
),

starts as (
    select
        rules.policy_id,
        rules.coverage,
        rules.timing,
        entries.city_code,
        min(case when rules.timing = 'pilot_year' then entries.pilot_year else entries.announcement_year end)
            as first_treated_year
    from rules
    inner join entries
        on
            rules.policy_id = entries.policy_id
            and (rules.coverage = 'any_part' or entries.covers = 'whole')
    group by rules.policy_id, rules.coverage, rules.timing, entries.city_code
),

-- A rule that can't date every city of the policy is left out whole: an undated city is not an untreated one.
dated_rules as (
    select
        policy_id,
        coverage,
        timing
    from starts
    group by policy_id, coverage, timing
    having count(first_treated_year) = count(*)
),

city_years as (
    select distinct
        city_code,
        year
    from {{ ref('indicator_value') }}
)

select
    dated_rules.policy_id,
    dated_rules.coverage,
    dated_rules.timing,
    city_years.city_code,
    city_years.year,
    starts.first_treated_year::integer as first_treated_year,
    coalesce(city_years.year >= starts.first_treated_year, false)::integer as did
from dated_rules
cross join city_years
left join starts
    on
        dated_rules.policy_id = starts.policy_id
        and dated_rules.coverage = starts.coverage
        and dated_rules.timing = starts.timing
        and city_years.city_code = starts.city_code
