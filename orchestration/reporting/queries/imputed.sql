select
    value.indicator_code,
    indicator.name_en as indicator_name,
    count(*) as values,
    count(*) filter (where value.is_imputed) as imputed,
    count(*) filter (where value.value_kind = 'interpolated') as interpolated,
    count(*) filter (where value.is_imputed) / count(*) as share
from marts.indicator_value as value
inner join marts.dim_indicator as indicator on value.indicator_code = indicator.indicator_code
group by all
order by imputed desc, value.indicator_code asc
