-- One row per index, region and year: the mean score of its cities, each counted the same.
select
    score.index_id,
    city.region,
    score.year,
    avg(score.score order by score.city_code) as mean_score,
    count(score.score)::bigint as cities
from {{ ref('index_score') }} as score
inner join {{ ref('dim_city') }} as city on score.city_code = city.city_code
where score.score is not null
group by score.index_id, city.region, score.year
