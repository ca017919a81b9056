-- One row per policy batch: how many entries were announced, and how far the roster at hand is from it.
with listed as (
    select
        roster.policy_id,
        roster.batch,
        count(distinct roster.official_name || coalesce(roster.province_zh, '')) as entries_listed,
        count(distinct roster.city_code) filter (where roster.covers = 'whole') as whole_cities,
        count(*) filter (where roster.evidence = 'unconfirmed') as entries_unconfirmed
    from {{ ref('policy_roster') }} as roster
    group by roster.policy_id, roster.batch
)

select
    batch.policy_id,
    batch.batch::integer as batch,
    batch.pilot_year::integer as pilot_year,
    try_cast(batch.announced_on as date) as announced_on,
    batch.entities_announced::integer as entries_announced,
    coalesce(listed.entries_listed, 0)::integer as entries_listed,
    coalesce(listed.whole_cities, 0)::integer as whole_cities,
    coalesce(listed.entries_unconfirmed, 0)::integer as entries_unconfirmed,
    coalesce(listed.entries_listed >= batch.entities_announced, false) as is_complete,
    batch.note
from {{ ref('policy_batch') }} as batch
left join listed on batch.policy_id = listed.policy_id and batch.batch = listed.batch
