with series as (
    select
        city_code,
        subject,
        to_json({
            's': subject,
            'y': list(year order by year),
            'v': list(value order by year),
            'n': list(rank order by year),
            'k': string_agg(case when is_suspect then upper(kind) else kind end, '' order by year)
        })::varchar as told
    from explorer_number
    where value is not null
        and (starts_with(subject, 'index_') or starts_with(subject, 'efficiency_') or contains(subject, '.'))
    group by city_code, subject
)

select
    city_code,
    '[' || string_agg(told, ',' order by subject) || ']' as body
from series
group by city_code
order by city_code
