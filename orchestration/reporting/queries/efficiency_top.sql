-- The ten cities ahead in the last year, by the first of the levels that the report shows.
with shown as (
    select
        model_id,
        variant,
        method
    from seed.efficiency_variant
    where
        in_panel
        and frontier = 'pooled'
        and orientation <> 'output'
        and method in ('radial', 'sbm', 'super_sbm')
),

ranking as (
    select
        model_id,
        arg_max(variant, (list_position(['radial', 'sbm', 'super_sbm'], method), variant)) as variant
    from shown
    group by model_id
),

placed as (
    select
        score.*,
        lag(score.rank) over (
            partition by score.model_id, score.variant, score.city_code order by score.year
        ) as rank_before,
        max(score.year) over (partition by score.model_id, score.variant) as last_year
    from marts.efficiency_score as score
    inner join ranking on score.model_id = ranking.model_id and score.variant = ranking.variant
)

select
    placed.model_id,
    placed.variant,
    placed.year,
    placed.rank,
    city.name_zh as city_name,
    placed.score,
    placed.rank_before,
    placed.city_code,
    placed.suspect_figures
from placed
inner join marts.dim_city as city on placed.city_code = city.city_code
where placed.year = placed.last_year and placed.rank <= 10
order by placed.model_id, placed.rank, placed.city_code
