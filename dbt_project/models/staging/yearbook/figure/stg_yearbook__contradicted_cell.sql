-- One row per figure that its own sheet contradicts: the same place, year, indicator and scope with another value.
-- Neither of them can be believed; the same value twice is no contradiction.
with contradicted as (
    select
        file_key,
        sheet_index,
        place_row,
        statistic_year,
        indicator_code,
        scope
    from {{ ref('stg_yearbook__value_cell') }}
    where not is_missing_mark
    group by file_key, sheet_index, place_row, statistic_year, indicator_code, scope
    having min(value_in_unit) <> max(value_in_unit)
)

select
    cell.file_key,
    cell.sheet_index,
    cell.row_number,
    cell.column_number
from {{ ref('stg_yearbook__value_cell') }} as cell
inner join contradicted
    on
        cell.file_key = contradicted.file_key
        and cell.sheet_index = contradicted.sheet_index
        and cell.place_row = contradicted.place_row
        and cell.statistic_year = contradicted.statistic_year
        and cell.indicator_code = contradicted.indicator_code
        and cell.scope = contradicted.scope
where cell.quarantine_reason is null and not cell.is_missing_mark
