with placed as (
    select
        standing.*,
        city.name_zh as city_name,
        max(standing.year) over (partition by standing.subject_id) as last_year
    from marts.city_benchmark as standing
    inner join marts.dim_city as city on standing.city_code = city.city_code
)

select
    subject_id,
    year,
    peer_group,
    any_value(group_cities) as cities,
    any_value(group_median) as median,
    arg_min(city_name, (group_rank, city_code)) as best_city,
    arg_min(value, (group_rank, city_code)) as best_value,
    nullif(arg_min(coalesce(suspect_figures, ''), (group_rank, city_code)), '') as suspect_figures
from placed
where year = last_year
group by subject_id, year, peer_group
order by subject_id, peer_group
