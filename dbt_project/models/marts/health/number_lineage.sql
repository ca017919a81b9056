{{ config(materialized='view') }}
-- One row per released value with every step back to its cell. A view: it holds nothing of its own.
-- No CTE is shared in it: a query with a limit on a shared one does not end in DuckDB 2.0.0.
-- It names no catalog, so that it works in a copy of the warehouse and under any name.
select
    value.city_code,
    value.year,
    value.indicator_code,
    value.scope,
    value.value,
    value.unit,
    value.value_kind,
    value.source_id,
    value.edition,
    file.relative_path,
    file.sha256,
    sheet.sheet_name,
    split_part(value.cell_id, '!', 3) as cell_address,
    observation.value_text as cell_text,
    observation.city_name_printed,
    observation.heading_printed,
    observation.unit_printed,
    observation.unit_factor,
    observation.value_in_unit as published_value,
    correction.correction_id,
    correction.reason as correction_reason,
    correction.source as correction_source,
    value.fill_method,
    value.neighbour_year_before,
    value.neighbour_year_after,
    before.cell_id as neighbour_cell_before,
    after.cell_id as neighbour_cell_after,
    case when value.value_kind = 'derived' then indicator.formula end as formula,
    value.cell_id,
    merged.merged_cells
from {{ without_catalog(ref('indicator_value')) }} as value
left join {{ without_catalog(ref('stg_yearbook__observation')) }} as observation
    on value.cell_id = observation.cell_id
left join {{ without_catalog(ref('stg_yearbook__sheet')) }} as sheet
    on observation.file_key = sheet.file_key and observation.sheet_index = sheet.sheet_index
left join {{ without_catalog(source('raw', 'yearbook_file')) }} as file
    on observation.file_key = file.file_key and file.status = 'loaded'
left join {{ without_catalog(ref('correction')) }} as correction
    on
        value.value_kind in ('corrected', 'added')
        and value.city_code = correction.city_code
        and value.year = correction.year
        and value.indicator_code = correction.indicator_code
        and value.scope = correction.scope
left join {{ without_catalog(ref('indicator_value')) }} as before
    on
        value.neighbour_year_before = before.year
        and value.city_code = before.city_code
        and value.indicator_code = before.indicator_code
        and value.scope = before.scope
left join {{ without_catalog(ref('indicator_value')) }} as after
    on
        value.neighbour_year_after = after.year
        and value.city_code = after.city_code
        and value.indicator_code = after.indicator_code
        and value.scope = after.scope
left join {{ without_catalog(ref('indicator')) }} as indicator
    on value.indicator_code = indicator.indicator_code
left join ( -- noqa: ST05
    select
        into_city_code,
        year,
        indicator_code,
        scope,
        string_agg(cell_id, ', ' order by city_code) as merged_cells
    from {{ without_catalog(ref('int_city_year__merger')) }}
    where outcome = 'added' and city_code <> into_city_code
    group by into_city_code, year, indicator_code, scope
) as merged
    on
        value.value_kind = 'added'
        and value.city_code = merged.into_city_code
        and value.year = merged.year
        and value.indicator_code = merged.indicator_code
        and value.scope = merged.scope
