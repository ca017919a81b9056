-- One row per efficiency model, variant and year: how the scores of the cities lie, and their change of productivity.
with change as (
    select
        model_id,
        year,
        exp(avg(ln(productivity) order by city_code)) as productivity
    from {{ ref('productivity') }}
    where variant = 'malmquist'
    group by model_id, year
),

level as (
    select
        model_id,
        variant,
        year,
        avg(score order by city_code) as mean_score,
        median(score) as median_score,
        count(*) filter (where is_on_frontier)::bigint as cities_on_frontier,
        count(score)::bigint as cities_scored,
        count(*)::bigint as cities
    from {{ ref('efficiency_score') }}
    group by model_id, variant, year
)

select
    level.*,
    change.productivity,
    change.productivity - 1 as productivity_change
from level
left join change on level.model_id = change.model_id and level.year = change.year
