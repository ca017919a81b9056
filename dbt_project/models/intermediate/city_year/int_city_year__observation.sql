-- One row per city x year x indicator x scope x source cell: all that was published, none preferred yet.
select
    city_code,
    statistic_year as year,
    indicator_code,
    scope,
    value_in_unit as value,
    unit,
    source_id,
    priority,
    edition,
    file_key,
    cell_id,
    value_text,
    unit_printed,
    unit_factor
from {{ ref('int_city_year__placed') }}
where quarantine_reason is null
