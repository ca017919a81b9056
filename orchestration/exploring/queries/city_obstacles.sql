with series as (
    select
        city_code,
        index_id,
        indicator_code,
        to_json({
            'i': index_id,
            's': indicator_code,
            'd': any_value(dimension),
            'y': list(year order by year),
            'v': list(obstacle_degree order by year),
            'n': list(obstacle_rank order by year)
        })::varchar as told
    from marts.obstacle_degree
    group by city_code, index_id, indicator_code
)

select
    city_code,
    '[' || string_agg(told, ',' order by index_id, indicator_code) || ']' as body
from series
group by city_code
order by city_code
