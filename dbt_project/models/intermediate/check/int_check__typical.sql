-- One row per printed indicator and scope: the median of its figures, against which a figure is small.
select
    indicator_code,
    scope,
    median(value) as median_value
from {{ ref('int_city_year__base') }}
group by indicator_code, scope
