with alias as (
    select
        city_code,
        list(distinct alias order by alias) as aliases
    from seed.city_alias
    where kind <> 'official' and kind <> 'province_prefixed'
    group by city_code
),

covered as (
    select distinct city_code
    from explorer_number
)

select
    to_json(list({
        'code': city.city_code, 'zh': city.name_zh, 'en': city.name_en, 'province_zh': city.province_zh,
        'province': province.name_en, 'region': city.region, 'level': city.level, 'lon': city.longitude,
        'lat': city.latitude, 'from': city.first_year, 'to': city.last_year, 'aliases': alias.aliases,
        'has': covered.city_code is not null
    } order by city.city_code))::varchar as body
from marts.dim_city as city
left join seed.province as province on city.province_code = province.province_code
left join alias on city.city_code = alias.city_code
left join covered on city.city_code = covered.city_code
