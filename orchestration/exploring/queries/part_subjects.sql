with city_series as (
    select
        subject,
        city_code,
        to_json({
            'y': list(year order by year),
            'v': list(value order by year),
            'k': string_agg(case when is_suspect then upper(kind) else kind end, '' order by year)
        })::varchar as told
    from explorer_number
    group by subject, city_code
)

select
    'subject/' || subject as part,
    '{' || string_agg('"' || city_code || '":' || told, ',' order by city_code) || '}' as body
from city_series
group by subject
order by subject
