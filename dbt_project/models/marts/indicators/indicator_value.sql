-- One row per city x year x indicator x scope: printed figures, filled gaps and derived indicators.
select
    city_code,
    year::integer as year,
    indicator_code,
    scope,
    value,
    unit,
    value_kind,
    is_imputed,
    is_corrected,
    cell_id,
    source_id,
    edition::integer as edition,
    values_published::bigint as values_published,
    relative_disagreement,
    fill_method,
    neighbour_year_before,
    neighbour_year_after
from {{ ref('int_city_year__base') }}
union all
select
    city_code,
    year::integer as year,
    indicator_code,
    scope,
    value,
    unit,
    'derived' as value_kind,
    is_imputed,
    is_corrected,
    null as cell_id,
    null as source_id,
    null as edition,
    0 as values_published,
    null as relative_disagreement,
    null as fill_method,
    null as neighbour_year_before,
    null as neighbour_year_after
from {{ ref('int_city_year__derived') }}
