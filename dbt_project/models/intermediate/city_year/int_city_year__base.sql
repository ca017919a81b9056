{{ config(materialized='view') }}
-- One row per city x year x indicator x scope: observed, corrected or added figures, those that a compiler
-- computed, and interpolated ones.
select
    city_code,
    year,
    indicator_code,
    scope,
    value,
    unit,
    case
        when is_added then 'added'
        when is_corrected then 'corrected'
        when is_computed then 'computed'
        else 'observed'
    end as value_kind,
    coalesce(is_computed and not is_corrected, false) as is_imputed,
    is_corrected,
    cell_id,
    source_id,
    edition,
    values_published,
    relative_disagreement,
    null::varchar as fill_method,
    null::integer as neighbour_year_before,
    null::integer as neighbour_year_after
from {{ without_catalog(ref('int_city_year__joined')) }}
union all
select
    city_code,
    year,
    indicator_code,
    scope,
    value,
    unit,
    'interpolated' as value_kind,
    true as is_imputed,
    false as is_corrected,
    null as cell_id,
    null as source_id,
    null as edition,
    0 as values_published,
    null as relative_disagreement,
    method as fill_method,
    neighbour_year_before,
    neighbour_year_after
from {{ without_catalog(ref('int_city_year__interpolated')) }}
