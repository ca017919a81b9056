select
    city.name_zh as city_name,
    difference.city_code,
    difference.year,
    indicator.name_en as indicator,
    indicator.unit,
    difference.kept_source_id as source_a,
    difference.kept_value as value_a,
    difference.other_source_id as source_b,
    difference.other_value as value_b,
    difference.ratio
from marts.source_disagreement as difference
inner join marts.dim_city as city on difference.city_code = city.city_code
inner join marts.dim_indicator as indicator on difference.indicator_code = indicator.indicator_code
order by difference.ratio desc, difference.city_code asc, difference.year asc
limit 25
