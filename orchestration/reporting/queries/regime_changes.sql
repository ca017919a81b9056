select
    member.*,
    city.name_zh as city_name
from estimates.city_regime as member
inner join marts.dim_city as city on member.city_code = city.city_code
where member.changed and member.vintage = (select version.vintage from marts.dataset_version as version)
order by member.study asc, member.model_id asc, member.n_thresholds asc, member.year desc, member.city_code asc
