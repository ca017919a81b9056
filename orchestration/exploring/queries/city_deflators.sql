select
    city_code,
    to_json({
        'y': list(year order by year),
        'm': list(method order by year)
    })::varchar as body
from intermediate.int_city_year__deflator
where method is not null
group by city_code
order by city_code
