-- One row per subject x city x year x position (1 to 3): the peers that are next better, the nearest first.
-- Equal values are not better; of equal ones the lower code comes first. The best city of a group has no row.
with standing as (
    select
        subject_id,
        city_code,
        year,
        peer_group,
        value,
        group_cities - group_rank + 1 as not_better,
        row_number() over (
            partition by subject_id, year, peer_group
            order by group_rank desc, city_code asc
        ) as place
    from {{ ref('city_benchmark') }}
)

select
    standing.subject_id,
    standing.city_code,
    standing.year,
    (better.place - standing.not_better)::integer as position,
    standing.peer_group,
    standing.value,
    better.city_code as better_city_code,
    better.value as better_value,
    better.value - standing.value as gap
from standing
inner join (values (1), (2), (3)) as nearest (position) on true -- noqa: AL05
inner join standing as better
    on
        standing.subject_id = better.subject_id
        and standing.year = better.year
        and standing.peer_group = better.peer_group
        and standing.not_better + nearest.position = better.place
