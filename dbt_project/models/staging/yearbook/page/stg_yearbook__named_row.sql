-- One row per row of a sheet that names a city or a column: how many of each, and whether the page may be arranged
-- in another way than a row per city there.
with key_row as (
    select
        file_key,
        sheet_index,
        row_number,
        count(distinct city_code) as cities,
        min(column_number) filter (where city_code is not null) as first_city_column,
        min(column_number) filter (where role = 'indicator') as indicator_column,
        count(*) filter (where role = 'city') as city_headings
    from {{ ref('stg_yearbook__named_cell') }}
    group by file_key, sheet_index, row_number
),

candidate as (
    select
        *,
        city_headings > 1 as has_tables_beside
    from key_row
    where
        city_headings > 1
        or (
            first_city_column > 1
            and (cities > 1 or (cities = 1 and indicator_column < first_city_column))
        )
)

select
    key_row.*,
    candidate.file_key is not null as is_candidate,
    coalesce(candidate.has_tables_beside, false) as has_tables_beside
from key_row
left join candidate
    on
        key_row.file_key = candidate.file_key
        and key_row.sheet_index = candidate.sheet_index
        and key_row.row_number = candidate.row_number
