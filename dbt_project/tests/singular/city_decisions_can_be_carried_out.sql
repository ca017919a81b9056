-- Events of cities whose decision nobody carries out, or that lack one: what to write instead.
with left_behind as (
    select
        coalesce(from_code, to_code) as city_code,
        count(*) as decisions
    from {{ ref('city_event') }}
    where decision in ('add_into', 'drop')
    group by coalesce(from_code, to_code)
),

judged as (
    select
        event.event_id,
        event.kind,
        event.decision,
        case
            when coalesce(trim(event.reason), '') = '' then 'seeds/city_event.csv: state the reason of the decision'
            when event.decision = 'add_into' and event.kind not in ('merge', 'abolish')
                then
                    'only a place that went wholly into another can be added into it, by a merge or abolish:'
                    || ' write keep_apart or drop in seeds/city_event.csv'
            when
                event.decision = 'add_into'
                and coalesce(event.from_code = event.to_code or event.from_code is null or event.to_code is null, true)
                then 'add_into needs the codes of two places: fill in from_code and to_code in seeds/city_event.csv'
            when event.decision = 'add_into' and from_place.decisions > 1
                then
                    'the place is added into two others, or dropped as well, and would be counted twice or not at all:'
                    || ' leave one add_into or drop of it in seeds/city_event.csv'
            when event.decision = 'add_into' and to_place.decisions > 0
                then
                    'the place that takes it in is itself added into another or dropped: write the last place as'
                    || ' to_code, or keep_apart, in seeds/city_event.csv'
            when
                event.kind in ('merge', 'abolish')
                and coalesce(event.decision, '') not in ('keep_apart', 'add_into', 'drop')
                then
                    'two places are never joined by themselves: write keep_apart, add_into or drop in'
                    || ' seeds/city_event.csv'
            when
                event.kind in ('split', 'establish')
                and coalesce(event.decision, '') not in ('keep_apart', 'drop')
                then 'two places are never joined by themselves: write keep_apart or drop in seeds/city_event.csv'
            when event.kind in ('rename', 'upgrade') and coalesce(event.decision, '') not in ('same_city', 'drop')
                then 'the place stays the same one: write same_city or drop in seeds/city_event.csv'
        end as what_to_do
    from {{ ref('city_event') }} as event
    left join left_behind as from_place on event.from_code = from_place.city_code
    left join left_behind as to_place on event.to_code = to_place.city_code
)

select *
from judged
where what_to_do is not null
