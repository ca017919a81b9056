-- One row per figure and check that it fails, also where somebody has explained why it may stand.
select
    city_code,
    year,
    indicator_code,
    scope,
    check_id,
    value,
    cell_id,
    expected,
    bound,
    ratio,
    explanation
from {{ ref('int_check__answer') }}
where fails
