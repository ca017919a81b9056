-- One row per row under the name of a province in a row of its own: which province, and whether it tells where the
-- places below it are. It does where most of the names in the sheet that are a city's are one of the province above
-- them; some pages list provinces among their cities in alphabetical order. Under a municipality stand its
-- districts, or the cities of a page without provinces: the names that are no city's tell.
with province_name as (
    select
        province_code,
        {{ text_key('name_zh') }} as name_key
    from {{ ref('province') }}
    union
    select
        province_code,
        {{ text_key('name_en') }} as name_key
    from {{ ref('province') }}
),

names as (
    select
        printed_key,
        nullif({{ without_name_marks(without_footnote_marks('printed_key')) }}, '') as name_key
    from (select distinct printed_key from {{ ref('stg_yearbook__row_key') }}) as printed
),

-- Yearbook pages name provinces in rows of their own; files of millions of rows do not.
with_provinces as (
    select distinct
        row_key.file_key,
        row_key.sheet_index
    from {{ ref('stg_yearbook__row_key') }} as row_key
    inner join names on row_key.printed_key = names.printed_key
    inner join province_name on names.name_key = province_name.name_key
),

moved as (
    select distinct
        file_key,
        sheet_index
    from {{ ref('stg_yearbook__region') }}
),

named as (
    select
        row_key.file_key,
        row_key.sheet_index,
        row_key.row_number,
        row_key.value_cells,
        -- Parts that are read elsewhere than they stand don't go on with the province above them.
        case when moved.file_key is not null then row_key.block_row else 0 end as run,
        names.name_key,
        province_name.province_code,
        province_name.name_key as province_key
    from {{ ref('stg_yearbook__row_key') }} as row_key
    inner join with_provinces
        on row_key.file_key = with_provinces.file_key and row_key.sheet_index = with_provinces.sheet_index
    left join names on row_key.printed_key = names.printed_key
    left join moved
        on row_key.file_key = moved.file_key and row_key.sheet_index = moved.sheet_index
    left join province_name on names.name_key = province_name.name_key
),

running as (
    select
        named.*,
        last_value(named.province_code ignore nulls) over rows_so_far as running_code,
        last_value(named.province_key ignore nulls) over rows_so_far as running_province_key,
        last_value(case when named.province_code is not null then named.row_number end ignore nulls) over rows_so_far
            as province_row
    from named
    window
        rows_so_far as (
            partition by named.file_key, named.sheet_index, named.run
            order by named.row_number
            rows between unbounded preceding and current row
        )
),

alias as (
    select
        {{ text_key('city_alias.alias') }} as name_key,
        min(city.province_code) as province_code
    from {{ ref('city_alias') }} as city_alias
    inner join {{ ref('city') }} as city on city_alias.city_code = city.city_code
    group by {{ text_key('city_alias.alias') }}
    having count(distinct city.province_code) = 1
),

placed as (
    select
        running.*,
        alias.province_code as own_code,
        running.province_code is null
        and running.name_key is not null
        and alias.name_key is null
        and running.value_cells > 0 as is_unknown,
        municipality.city_code is not null as is_municipality
    from running
    left join alias on running.name_key = alias.name_key and running.province_code is null
    left join {{ ref('city') }} as municipality
        on running.running_code = municipality.city_code and municipality.is_municipality
    where running.running_code is not null
),

sections as (
    select
        file_key,
        sheet_index,
        province_row,
        count(*) filter (where is_unknown) as unknown_names,
        count(*) filter (where own_code <> running_code) as names_elsewhere
    from placed
    where is_municipality
    group by file_key, sheet_index, province_row
),

sheets as (
    select
        file_key,
        sheet_index,
        count(*) filter (where own_code = running_code) > count(*) filter (where own_code <> running_code)
        or count(own_code) = 0 as are_sections
    from placed
    where not is_municipality
    group by file_key, sheet_index
)

select
    placed.file_key,
    placed.sheet_index,
    placed.row_number,
    placed.province_code is not null as names_province,
    placed.running_province_key,
    case
        when placed.is_municipality then sections.unknown_names >= greatest(sections.names_elsewhere, 1)
        else coalesce(sheets.are_sections, false)
    end as is_section
from placed
left join sheets
    on placed.file_key = sheets.file_key and placed.sheet_index = sheets.sheet_index
left join sections
    on
        placed.file_key = sections.file_key
        and placed.sheet_index = sections.sheet_index
        and placed.province_row = sections.province_row
