-- One row per column that no mapping knows and that holds no figures but words or years: a key that nobody declared
-- (统计年份, 区域类型, 性别, a second name). Its rows may be of another year, of a part of the city, of another place.
-- And one per second column of cities.
with unknown_columns as (
    select
        heading.file_key,
        heading.sheet_index,
        heading.block_row,
        heading.column_number,
        heading.unit_printed,
        block.heading_end_row,
        block.end_row
    from {{ ref('stg_yearbook__heading') }} as heading
    inner join {{ ref('stg_yearbook__block') }} as block
        on
            heading.file_key = block.file_key
            and heading.sheet_index = block.sheet_index
            and heading.block_row = block.block_row
    where
        heading.role in ('unknown', 'category')
        -- A column that has no heading holds remarks, or belongs to nothing.
        and heading.heading_printed <> ''
),

cells as (
    select
        columns.file_key,
        columns.sheet_index,
        columns.block_row,
        columns.column_number,
        cell.text_key,
        {{ parse_number('cell.text_key') }} is not null as is_number,
        {{ year_alone('cell.text_key') }} is not null as is_year,
        -- 约55 is a figure nobody can read, 女 and 0-14岁 are none.
        {{ matches('cell.text_key', "'^(约|近|超|超过|不足|逾)?[+-]?[0-9][0-9.,]*(%|‰|多|余|左右|以上)?$'") }} as is_figure,
        missing_mark.mark is not null as is_mark
    from unknown_columns as columns
    inner join {{ ref('stg_yearbook__cell') }} as cell
        on
            columns.file_key = cell.file_key
            and columns.sheet_index = cell.sheet_index
            and columns.column_number = cell.column_number
            and columns.heading_end_row < cell.row_number
            and columns.end_row >= cell.row_number
    left join {{ ref('missing_mark') }} as missing_mark on cell.text_key = missing_mark.mark
)

select
    file_key,
    sheet_index,
    block_row,
    column_number,
    'unknown_key' as role
from cells
where not is_mark
group by file_key, sheet_index, block_row, column_number
having
    bool_and(is_year)
    or count(*) filter (where not is_number and not is_figure) * 2 > count(*)
union all
select
    file_key,
    sheet_index,
    block_row,
    column_number,
    'second_city' as role
from (
    select
        file_key,
        sheet_index,
        block_row,
        column_number,
        row_number() over (partition by file_key, sheet_index, block_row order by column_number) as city_order
    from {{ ref('stg_yearbook__heading') }}
    where role = 'city'
) as city_column
where city_order > 1
