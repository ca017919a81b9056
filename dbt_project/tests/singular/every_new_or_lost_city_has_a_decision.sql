-- Cities that begin or end inside the years of the data without an event that says what is done with their series.
with years as (
    select
        min(year) as first_year,
        max(year) as last_year
    from {{ ref('int_city_year__reconciled') }}
)

select
    city.city_code,
    city.name_zh,
    city.first_year,
    city.last_year,
    'it begins in its first year: add an event that leads to it to seeds/city_event.csv' as what_to_do
from {{ ref('city') }} as city
cross join years
left join {{ ref('city_event') }} as event
    on city.city_code = event.to_code and city.first_year = event.year
where
    city.first_year > years.first_year
    and city.first_year <= years.last_year
    and event.event_id is null
union all
select
    city.city_code,
    city.name_zh,
    city.first_year,
    city.last_year,
    'it ends with its last year: add the merge, split or abolish of the year after to seeds/city_event.csv'
        as what_to_do
from {{ ref('city') }} as city
cross join years
left join {{ ref('city_event') }} as event
    on
        city.city_code = event.from_code
        and city.last_year + 1 = event.year
        and event.kind in ('merge', 'split', 'abolish')
where
    city.last_year >= years.first_year
    and city.last_year < years.last_year
    and event.event_id is null
