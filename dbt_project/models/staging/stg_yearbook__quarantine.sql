-- One row per figure that can't be used as it stands, with the reason. Nothing is dropped.
select
    file_key,
    sheet_index,
    row_number,
    column_number,
    cell_id,
    relative_path,
    sheet_name,
    source_id,
    edition,
    city_name_printed,
    statistic_year,
    heading_printed,
    heading_key,
    indicator_code,
    scope,
    unit_printed,
    value_text,
    quarantine_reason as reason
from {{ ref('stg_yearbook__value_cell') }}
where quarantine_reason is not null
