select
    region_year.index_id,
    region_year.region,
    region_year.year,
    region_year.mean_score as mean,
    region_year.cities as n
from marts.index_region_year as region_year
inner join seed.index_definition as definition on region_year.index_id = definition.index_id
where
    definition.period = 'pooled'
    -- Variants of an index are compared by studies, not shown one by one.
    and definition.components_of is null
order by all
