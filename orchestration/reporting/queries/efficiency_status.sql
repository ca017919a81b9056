select
    model_id,
    name_en as title,
    status,
    reason,
    city_years,
    city_years_complete,
    inputs,
    outputs,
    undesirable
from marts.efficiency_status
order by model_id
