-- One row per policy and city: what its roster says of the city, and whether the city may be missing in it.
with listed as (
    select
        policy_id,
        city_code,
        bool_or(covers = 'whole') as is_whole
    from {{ ref('policy_roster') }}
    where city_code is not null
    group by policy_id, city_code
),

short_batches as (
    select
        policy_id,
        batch
    from {{ ref('policy_roster_coverage') }}
    where not is_complete
),

-- A list that lacks entries says nothing of a province that it doesn't name at all.
silent_provinces as (
    select distinct
        short_batches.policy_id,
        city.province_zh
    from short_batches
    cross join {{ ref('dim_city') }} as city
    left join {{ ref('policy_roster') }} as roster
        on
            short_batches.policy_id = roster.policy_id
            and short_batches.batch = roster.batch
            and city.province_zh = roster.province_zh
    where roster.roster_id is null
)

select
    policy.policy_id,
    city.city_code,
    coalesce(listed.is_whole, false) as is_listed_whole,
    coalesce(not listed.is_whole, false) as is_listed_in_part,
    listed.city_code is null and silent_provinces.province_zh is not null as is_possibly_missing
from {{ ref('policy') }} as policy
cross join {{ ref('dim_city') }} as city
left join listed on policy.policy_id = listed.policy_id and city.city_code = listed.city_code
left join silent_provinces
    on policy.policy_id = silent_provinces.policy_id and city.province_zh = silent_provinces.province_zh
