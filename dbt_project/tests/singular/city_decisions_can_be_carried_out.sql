-- Events of cities whose decision nobody carries out, or that lack one: what to write instead.
with judged as (
    select
        event_id,
        kind,
        decision,
        case
            when coalesce(trim(reason), '') = '' then 'seeds/city_event.csv: state the reason of the decision'
            when decision = 'add_into'
                then
                    'add_into is not carried out by this version, and figures of two places are not to be taken for'
                    || ' one: write keep_apart (two series) or drop (leave the place out) in seeds/city_event.csv'
            when
                kind in ('merge', 'split', 'abolish', 'establish')
                and coalesce(decision, '') not in ('keep_apart', 'drop')
                then 'two places are never joined by themselves: write keep_apart or drop in seeds/city_event.csv'
            when kind in ('rename', 'upgrade') and coalesce(decision, '') not in ('same_city', 'drop')
                then 'the place stays the same one: write same_city or drop in seeds/city_event.csv'
        end as what_to_do
    from {{ ref('city_event') }}
)

select *
from judged
where what_to_do is not null
