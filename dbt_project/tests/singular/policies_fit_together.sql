-- Rows of policies that would be lost without a word, or treat a city from another year than their batch says.
with listed as (
    select
        policy_id,
        batch,
        count(*) as entries
    from {{ ref('policy_roster') }}
    group by policy_id, batch
),

entries as (
    select
        'policy_roster' as seed,
        roster.roster_id as row_id,
        case
            when announced.batch is null
                then 'no such batch of the policy: correct batch, or add it to seeds/policy_batch.csv'
            when coalesce(roster.pilot_year, 0) <> coalesce(announced.pilot_year, 0)
                then 'the batch has another pilot_year in seeds/policy_batch.csv: correct one of them'
        end as what_to_do
    from {{ ref('policy_roster') }} as roster
    left join {{ ref('policy_batch') }} as announced
        on roster.policy_id = announced.policy_id and roster.batch = announced.batch
),

batches as (
    select
        'policy_batch' as seed,
        announced.policy_id || ', batch ' || cast(announced.batch as varchar) as row_id,
        case
            when announced.pilot_year is null
                then 'state the year from which its cities are treated: pilot_year'
            when listed.entries is null
                then 'nobody is in it, and its cities would count as untreated: list them in seeds/policy_roster.csv'
        end as what_to_do
    from {{ ref('policy_batch') }} as announced
    left join listed on announced.policy_id = listed.policy_id and announced.batch = listed.batch
),

judged as (
    select * from entries
    union all
    select * from batches
)

select *
from judged
where what_to_do is not null
order by seed, row_id
