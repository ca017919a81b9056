-- Five at each end; the mart flags ten.
with placed as (
    select
        mover.*,
        city.name_zh as city_name,
        max(mover.year) over (partition by mover.subject_id) as last_year,
        row_number() over (
            partition by mover.subject_id, mover.year order by mover.change_rank, mover.city_code
        ) as from_top,
        row_number() over (
            partition by mover.subject_id, mover.year
            order by mover.change_rank desc, mover.city_code desc
        ) as from_bottom
    from marts.benchmark_mover as mover
    inner join marts.dim_city as city on mover.city_code = city.city_code
)

select
    subject_id,
    year,
    year - 1 as year_before,
    city_name,
    value,
    value_before,
    change,
    national_rank,
    national_rank_before,
    is_top_mover,
    city_code,
    suspect_figures
from placed
where
    year = last_year
    and ((is_top_mover and from_top <= 5) or (is_bottom_mover and from_bottom <= 5))
order by subject_id, from_top
