select
    city_code,
    to_json(list({
        's': subject_id, 'y': year, 'v': value, 'u': unit, 'group': peer_group, 'cities': group_cities,
        'rank': group_rank, 'median': group_median, 'national_rank': national_rank,
        'national_cities': national_cities
    } order by subject_id, year))::varchar as body
from marts.city_benchmark
group by city_code
order by city_code
