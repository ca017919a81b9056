-- One row per efficiency model: measured, or which terms this input lacks.
select
    status.model_id,
    model.name_en,
    model.name_zh,
    status.status,
    status.reason,
    status.variants::integer as variants,
    status.city_years::bigint as city_years,
    status.city_years_complete::bigint as city_years_complete,
    status.inputs,
    status.outputs,
    nullif(status.undesirable, '') as undesirable
from {{ source('measures', 'efficiency_status') }} as status
inner join {{ ref('efficiency_model') }} as model on status.model_id = model.model_id
