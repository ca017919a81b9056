-- One row per row under a heading that names something: its city, code, province and year as printed.
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
        block.lone_city_name,
        heading.role
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
),

-- A key that was merged over several rows holds for all of them.
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
        lone_city_name,
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
        coalesce(min_by(text, column_number) filter (where role = 'city'), min(lone_city_name)) as city_name_printed,
        coalesce(min_by(text_key, column_number) filter (where role = 'city'), min(lone_city_name)) as printed_key,
        min_by(text_key, column_number) filter (where role = 'city_code') as city_code_printed,
        min_by(text_key, column_number) filter (where role = 'province') as province_key,
        min_by(text_key, column_number) filter (where role = 'year') as year_printed,
        min_by(text_key, column_number) filter (where role = 'unit') as row_unit,
        min_by(text, column_number) filter (where role = 'indicator') as indicator_printed,
        min_by(text_key, column_number) filter (where role = 'scope') as scope_key,
        count(*) filter (where role in ('value', 'unknown', 'figure')) as value_cells
    from cells
    group by file_key, sheet_index, block_row, row_number
),

-- Notes behind names; files repeat their names.
names as (
    select
        printed_key,
        nullif({{ without_name_marks(without_footnote_marks('printed_key')) }}, '') as name_key
    from (select distinct printed_key from keyed) as printed
),

years as (
    select
        year_printed,
        -- 2013-2014 is no year.
        case
            when not {{ matches('year_printed', "'(19|20)[0-9]{2}年?[-—–~～至/到]((19|20)[0-9]{2}|[0-9]{2}($|年))'") }}
                then try_cast({{ first_match('year_printed', '((?:19|20)[0-9]{2})') }} as integer)
        end as row_year
    from (select distinct year_printed from keyed) as printed
),

province_name as (
    select
        province_code,
        {{ text_key('name_zh') }} as name_key
    from {{ ref('province') }}
),

keyed_rows as (
    select
        keyed.*,
        names.name_key,
        years.row_year,
        province.name_key as named_province_key
    from keyed
    left join names on keyed.printed_key = names.printed_key
    left join years on keyed.year_printed = years.year_printed
    left join province_name as province on names.name_key = province.name_key
),

sheets_with_provinces as (
    select distinct
        file_key,
        sheet_index
    from keyed_rows
    where named_province_key is not null
),

-- Yearbook pages name the province in a row of its own, above its cities; files of millions of rows do not.
running as (
    select
        named.file_key,
        named.sheet_index,
        named.row_number,
        last_value(named.named_province_key ignore nulls) over (
            partition by named.file_key, named.sheet_index
            order by named.row_number
            rows between unbounded preceding and current row
        ) as running_province_key
    from keyed_rows as named
    inner join sheets_with_provinces as with_provinces
        on named.file_key = with_provinces.file_key and named.sheet_index = with_provinces.sheet_index
)

select
    named.file_key,
    named.sheet_index,
    named.block_row,
    named.row_number,
    named.city_name_printed,
    named.name_key,
    named.city_code_printed,
    named.province_key,
    -- Only a hint: some pages list provinces among the cities in alphabetical order.
    running.running_province_key,
    named.named_province_key is not null as names_province,
    named.row_year,
    named.row_unit,
    named.indicator_printed,
    named.scope_key,
    named.value_cells,
    -- A row with a key and no figure under it is a label: a province, a note, an empty city.
    (named.name_key is not null or named.city_code_printed is not null) and named.value_cells > 0 as is_data
from keyed_rows as named
left join running
    on
        named.file_key = running.file_key
        and named.sheet_index = running.sheet_index
        and named.row_number = running.row_number
