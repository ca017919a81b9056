-- Observed figures that are not, to the last bit, what stands in the source cell times its unit factor.
select
    value.city_code,
    value.year,
    value.indicator_code,
    value.scope,
    value.value,
    observation.value_in_unit
from {{ ref('indicator_value') }} as value
inner join {{ ref('stg_yearbook__observation') }} as observation on value.cell_id = observation.cell_id
where value.value_kind = 'observed' and value.value <> observation.value_in_unit
