-- One row per efficiency model x variant x city x year x term: what there is and what the frontier shows.
select
    model_id,
    variant,
    city_code,
    year::integer as year,
    role,
    term,
    value,
    target,
    target - value as change,
    target / nullif(value, 0) - 1 as relative_change,
    slack
from {{ source('measures', 'efficiency_target') }}
