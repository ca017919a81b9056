-- One row per row that names cities across the top of a table: names beside figures, years or marks are a row of a
-- table.
with
candidate as (
    select *
    from {{ ref('stg_yearbook__named_row') }}
    where is_candidate
)

select
    candidate.file_key,
    candidate.sheet_index,
    candidate.row_number,
    -- The province may stand before its cities.
    min(near.column_number) filter (where near.city_code is not null or near.is_total) as first_city_column
from candidate
inner join {{ ref('stg_yearbook__arranged_cell') }} as near
    on
        candidate.file_key = near.file_key
        and candidate.sheet_index = near.sheet_index
        and candidate.row_number = near.row_number
where candidate.cities > 0
group by candidate.file_key, candidate.sheet_index, candidate.row_number, candidate.first_city_column
-- Names beside figures, years or marks are a row of a table.
having
    not bool_or(near.is_figure or near.is_mark)
    and not bool_or(near.column_number >= candidate.first_city_column and near.is_year)
    and min(near.column_number) filter (where near.city_code is not null or near.is_total) > 1
