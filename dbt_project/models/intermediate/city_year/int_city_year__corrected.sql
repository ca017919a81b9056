{{ config(materialized='view') }}
-- One row as reconciled, with declared corrections applied where the published value is still the one expected.
select
    reconciled.city_code,
    reconciled.year,
    reconciled.indicator_code,
    reconciled.scope,
    case
        when reconciled.value = correction.expected_value then correction.corrected_value
        else reconciled.value
    end as value,
    reconciled.unit,
    reconciled.source_id,
    reconciled.edition,
    reconciled.cell_id,
    reconciled.is_computed,
    reconciled.values_published,
    reconciled.relative_disagreement,
    coalesce(reconciled.value = correction.expected_value, false) as is_corrected,
    correction.correction_id
from {{ without_catalog(ref('int_city_year__reconciled')) }} as reconciled
left join {{ without_catalog(ref('correction')) }} as correction
    on
        reconciled.city_code = correction.city_code
        and reconciled.year = correction.year
        and reconciled.indicator_code = correction.indicator_code
        and reconciled.scope = correction.scope
