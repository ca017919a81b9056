-- A correction whose expected value is no longer what the source says, or whose figure is gone: the guard names it.
select
    correction.correction_id,
    correction.city_code,
    correction.year,
    correction.indicator_code,
    correction.expected_value,
    reconciled.value as published_value,
    'the source changed: check the correction and remove or renew it' as what_to_do
from {{ ref('correction') }} as correction
left join {{ ref('int_city_year__reconciled') }} as reconciled
    on
        correction.city_code = reconciled.city_code
        and correction.year = reconciled.year
        and correction.indicator_code = reconciled.indicator_code
        and correction.scope = reconciled.scope
where correction.expected_value is distinct from reconciled.value
