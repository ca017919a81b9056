-- One row per event in the life of a city: what is done with its series and why, and whether this data notices it.
-- An event breaks a series between the year before and its own, so both must lie within the years of the data.
with city_in_data as (
    select
        city_code,
        min(year) as first_year,
        max(year) as last_year,
        count(*) as figures
    from {{ ref('int_city_year__reconciled') }}
    group by city_code
),

years as (
    select
        min(first_year) as first_year,
        max(last_year) as last_year
    from city_in_data
),

joined as (
    select
        event_id,
        count(*) filter (where outcome = 'added') as figures_added,
        count(*) filter (where outcome <> 'added') as figures_left_out
    from {{ ref('int_city_year__merger') }}
    group by event_id
),

-- Of the city that took the other in, whose figures belong to no event alone.
without_partner as (
    select
        into_city_code,
        count(*) as figures
    from {{ ref('int_city_year__merger') }}
    where city_code = into_city_code and outcome = 'partner_missing'
    group by into_city_code
)

select
    event.event_id,
    event.year::integer as year,
    event.kind,
    event.from_code,
    event.from_name,
    event.to_code,
    event.to_name,
    event.decision,
    event.reason,
    event.source,
    coalesce(from_city.figures, 0)::bigint as figures_from,
    coalesce(to_city.figures, 0)::bigint as figures_to,
    coalesce(joined.figures_added, 0)::bigint as figures_added,
    coalesce(joined.figures_left_out, 0)::bigint as figures_left_out,
    case when event.decision = 'add_into' then coalesce(without_partner.figures, 0) else 0 end::bigint
        as figures_without_partner,
    coalesce(event.year > years.first_year and event.year <= years.last_year, false)
    and (from_city.city_code is not null or to_city.city_code is not null or event.decision = 'drop')
        as touches_panel
from {{ ref('city_event') }} as event
cross join years
left join city_in_data as from_city on event.from_code = from_city.city_code
left join city_in_data as to_city on event.to_code = to_city.city_code
left join joined on event.event_id = joined.event_id
left join without_partner on event.to_code = without_partner.into_city_code
