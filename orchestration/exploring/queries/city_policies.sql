with rule as (
    select distinct
        policy_id,
        city_code,
        coverage,
        timing,
        first_treated_year
    from marts.policy_exposure
),

told as (
    select
        policy_id,
        city_code,
        list({ 'coverage': coverage, 'timing': timing, 'year': first_treated_year } order by coverage, timing) as rules
    from rule
    group by policy_id, city_code
)

select
    listed.city_code,
    to_json(list({
        'policy': listed.policy_id, 'whole': listed.is_listed_whole, 'part': listed.is_listed_in_part,
        'missing': listed.is_possibly_missing, 'rules': told.rules
    } order by listed.policy_id))::varchar as body
from marts.policy_city as listed
left join told on listed.policy_id = told.policy_id and listed.city_code = told.city_code
group by listed.city_code
order by listed.city_code
