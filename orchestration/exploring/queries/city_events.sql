with concerned as (
    select
        from_code as city_code,
        *
    from marts.city_event_decision
    where from_code is not null
    union
    select
        to_code,
        *
    from marts.city_event_decision
    where to_code is not null
)

select
    city_code,
    to_json(list({
        'y': year, 'kind': kind, 'from': from_name, 'to': to_name, 'decision': decision, 'reason': reason,
        'source': source
    } order by year, event_id))::varchar as body
from concerned
group by city_code
order by city_code
