-- One row per index x city x year x component: min-max scaled into [0, 1], larger being better.
-- A component that does not vary in its period says nothing and scales to 0.
select
    index_id,
    city_code,
    year,
    period,
    indicator_code,
    is_imputed,
    value,
    case
        when value is null then null
        when max(value) over spread = min(value) over spread then 0
        when direction = '-'
            then (max(value) over spread - value) / (max(value) over spread - min(value) over spread)
        else (value - min(value) over spread) / (max(value) over spread - min(value) over spread)
    end as scaled
from {{ ref('int_index__input') }}
window spread as (partition by index_id, period, indicator_code)
