-- One row per figure that was read and is not in the warehouse, with the reason and the cell.
with set_aside as (
    select * from {{ ref('stg_yearbook__quarantine') }}
    union all by name
    select * from {{ ref('int_city_year__quarantine') }}
)

select
    cell_id,
    relative_path,
    sheet_name,
    source_id,
    edition::integer as edition,
    city_name_printed,
    statistic_year::integer as statistic_year,
    heading_printed,
    indicator_code,
    scope,
    unit_printed,
    value_text,
    reason
from set_aside
