-- The levels of each model that the report shows; the rest is in the marts.
select
    score.model_id,
    score.variant,
    score.year,
    score.mean_score as mean,
    score.median_score as median,
    score.cities_on_frontier as on_frontier,
    score.cities_scored as scored,
    score.cities as city_years,
    score.productivity_change
from marts.efficiency_year as score
inner join seed.efficiency_variant as shown
    on score.model_id = shown.model_id and score.variant = shown.variant
where
    shown.in_panel
    and shown.frontier = 'pooled'
    and shown.orientation <> 'output'
    and shown.method in ('radial', 'sbm', 'super_sbm')
order by
    score.model_id,
    list_position(['radial', 'sbm', 'super_sbm'], shown.method),
    list_position(['crs', 'vrs'], shown.returns),
    score.variant,
    score.year
