-- One row per row within two of a row of cities: whether it says years, scopes or codes of the same columns.
select
    city_row.file_key,
    city_row.sheet_index,
    city_row.row_number as city_row,
    city_row.first_city_column,
    near.row_number - city_row.row_number as place,
    coalesce(bool_or(near.is_year) filter (where near.column_number >= city_row.first_city_column), false)
        as is_year,
    coalesce(bool_or(near.is_scope) filter (where near.column_number >= city_row.first_city_column), false)
        as is_scope,
    coalesce(
        min(near.role) filter (where near.column_number < city_row.first_city_column)
        in ('year', 'scope', 'city_code', 'city_en', 'province', 'province_code'),
        false
    )
    or coalesce(
        bool_and(near.is_year or near.is_scope or near.is_total) filter (
            where near.column_number >= city_row.first_city_column
        )
        -- Beside other words they are figures that look like years.
        and not bool_or(near.column_number < city_row.first_city_column and near.role is null),
        false
    ) as belongs
from {{ ref('stg_yearbook__city_row') }} as city_row
inner join {{ ref('stg_yearbook__arranged_cell') }} as near
    on
        city_row.file_key = near.file_key
        and city_row.sheet_index = near.sheet_index
        and near.row_number between city_row.row_number - 2 and city_row.row_number + 2
        and city_row.row_number <> near.row_number
group by
    city_row.file_key, city_row.sheet_index, city_row.row_number, city_row.first_city_column, near.row_number
