{{ config(pre_hook="{{ use_threads(2) }}", post_hook="{{ use_threads(1) }}") }}
-- One row per row under a heading: what its key columns print. A key that was merged over several rows holds for all.
with page_cells as (
    select
        cell.file_key,
        cell.sheet_index,
        block.block_row,
        cell.row_number,
        cell.column_number,
        cell.text,
        cell.text_key,
        coalesce(cell.row_span, 1) as row_span,
        coalesce({{ matches('cell.marks', "'(^| )(struck|hidden)( |$)'") }}, false) as is_withdrawn,
        coalesce(key_like.role, heading.role) as role
    from {{ ref('stg_yearbook__cell') }} as cell
    inner join {{ ref('stg_yearbook__block') }} as block
        on
            cell.file_key = block.file_key
            and cell.sheet_index = block.sheet_index
            and cell.row_number > block.heading_end_row
            and cell.row_number <= block.end_row
    inner join {{ ref('stg_yearbook__heading') }} as heading
        on
            cell.file_key = heading.file_key
            and cell.sheet_index = heading.sheet_index
            and block.block_row = heading.block_row
            and cell.column_number = heading.column_number
    left join {{ ref('stg_yearbook__key_like_column') }} as key_like
        on
            heading.file_key = key_like.file_key
            and heading.sheet_index = key_like.sheet_index
            and heading.block_row = key_like.block_row
            and heading.column_number = key_like.column_number
),

cells as (
    select * from page_cells
    union all
    select
        file_key,
        sheet_index,
        block_row,
        row_number + unnest(generate_series(1, row_span - 1)) as row_number,
        column_number,
        text,
        text_key,
        row_span,
        is_withdrawn,
        role
    from page_cells
    where row_span > 1 and role not in ('value', 'unknown', 'figure', 'ignore')
),

keyed as (
    select
        file_key,
        sheet_index,
        block_row,
        row_number,
        -- The first name, of a column that is the first of its kind before any other.
        min_by(text, column_number + case when role = 'city' then 0 else 1000000 end)
        filter (where role in ('city', 'second_city')) as city_name_printed,
        min_by(text_key, column_number + case when role = 'city' then 0 else 1000000 end)
        filter (where role in ('city', 'second_city')) as printed_key,
        -- A second name in Chinese is that of a part of the first.
        max_by(text_key, column_number) filter (where role = 'second_city') as last_printed_key,
        min_by(text_key, column_number) filter (where role = 'city_code') as city_code_printed,
        min_by(text_key, column_number) filter (where role = 'province') as province_key,
        min_by(text_key, column_number) filter (where role = 'year') as year_printed,
        min_by(text_key, column_number) filter (where role = 'unit') as row_unit,
        min_by(text, column_number) filter (where role = 'indicator') as indicator_printed,
        min_by(text_key, column_number) filter (where role = 'scope') as scope_key,
        coalesce(bool_or(is_withdrawn and role = 'city'), false) as is_withdrawn,
        count(*) filter (where role in ('unknown_key', 'category')) as unknown_keys,
        count(*) filter (where role in ('value', 'unknown', 'unknown_key', 'figure')) as value_cells
    from cells
    group by file_key, sheet_index, block_row, row_number
)

select
    keyed.file_key,
    keyed.sheet_index,
    keyed.block_row,
    keyed.row_number,
    coalesce(keyed.city_name_printed, block.lone_city_name) as city_name_printed,
    coalesce(keyed.printed_key, block.lone_city_name) as printed_key,
    keyed.last_printed_key,
    keyed.city_code_printed,
    keyed.province_key,
    keyed.year_printed,
    keyed.row_unit,
    keyed.indicator_printed,
    keyed.scope_key,
    keyed.is_withdrawn,
    keyed.unknown_keys,
    keyed.value_cells
from keyed
inner join {{ ref('stg_yearbook__block') }} as block
    on
        keyed.file_key = block.file_key
        and keyed.sheet_index = block.sheet_index
        and keyed.block_row = block.block_row
