with series as (
    select
        own.city_code,
        own.study,
        own.design,
        {
            'study': own.study, 'design': own.design, 'thresholds': any_value(own.n_thresholds),
            'y': list(own.year order by own.year), 'v': list(own.threshold_value order by own.year),
            'regime': list(own.regime order by own.year)
        } as told
    from estimates.city_regime as own
    inner join marts.dataset_version as version on own.vintage = version.vintage
    group by own.city_code, own.study, own.design
)

select
    city_code,
    to_json(list(told order by study, design))::varchar as body
from series
group by city_code
order by city_code
