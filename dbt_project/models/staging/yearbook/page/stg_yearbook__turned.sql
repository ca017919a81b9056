-- One row per part of a sheet with cities across the top: where it stands. It ends above the next heading of either
-- kind.
with banded as (
    select
        city_row.file_key,
        city_row.sheet_index,
        city_row.row_number as city_row,
        city_row.first_city_column,
        city_row.row_number
        - case
            when not coalesce(bool_or(band.belongs) filter (where band.place = -1), false) then 0
            when not coalesce(bool_or(band.belongs) filter (where band.place = -2), false) then 1
            else 2
        end as first_row,
        city_row.row_number
        + case
            when not coalesce(bool_or(band.belongs) filter (where band.place = 1), false) then 0
            when not coalesce(bool_or(band.belongs) filter (where band.place = 2), false) then 1
            else 2
        end as last_key_row
    from {{ ref('stg_yearbook__city_row') }} as city_row
    left join {{ ref('stg_yearbook__city_band') }} as band
        on
            city_row.file_key = band.file_key
            and city_row.sheet_index = band.sheet_index
            and city_row.row_number = band.city_row
    group by city_row.file_key, city_row.sheet_index, city_row.row_number, city_row.first_city_column
),

bounded as (
    select
        *,
        coalesce(
            lead(first_row) over (partition by file_key, sheet_index order by city_row), 2147483647
        ) as next_city_row,
        coalesce(
            (
                select min(key_row.row_number)
                from {{ ref('stg_yearbook__named_row') }} as key_row
                where
                    key_row.file_key = banded.file_key
                    and key_row.sheet_index = banded.sheet_index
                    and key_row.row_number > banded.last_key_row
                    and key_row.city_headings > 0
            ),
            2147483647
        ) as next_heading_row
    from banded
)

select
    bounded.file_key,
    bounded.sheet_index,
    bounded.first_row,
    max(near.row_number) filter (
        where near.column_number >= bounded.first_city_column and (near.is_figure or near.is_mark)
    ) as last_row,
    coalesce(
        min(near.column_number) filter (
            where near.column_number < bounded.first_city_column
            and not near.is_figure and not near.is_mark and not near.is_year
        ),
        min(near.column_number) filter (where near.column_number < bounded.first_city_column and near.is_year)
    ) as first_column,
    bounded.first_city_column,
    bounded.city_row,
    bounded.last_key_row
from bounded
inner join {{ ref('stg_yearbook__arranged_cell') }} as near
    on
        bounded.file_key = near.file_key
        and bounded.sheet_index = near.sheet_index
        and bounded.last_key_row < near.row_number
        and least(bounded.next_city_row, bounded.next_heading_row) > near.row_number
group by
    bounded.file_key, bounded.sheet_index, bounded.first_row, bounded.first_city_column, bounded.city_row,
    bounded.last_key_row
having
    bool_or((near.is_figure or near.is_mark) and near.column_number >= bounded.first_city_column)
    -- Cities down the side as well: distances between them, or a table whose heading was not found.
    and not bool_or(near.city_code is not null and near.column_number < bounded.first_city_column)
