select
    city_code,
    to_json(list({
        's': subject_id, 'y': year, 'position': position, 'city': better_city_code, 'v': better_value
    } order by subject_id, year, position))::varchar as body
from marts.benchmark_neighbour
group by city_code
order by city_code
