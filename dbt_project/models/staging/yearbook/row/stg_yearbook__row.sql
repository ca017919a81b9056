{{ config(pre_hook="{{ use_threads(2) }}", post_hook="{{ use_threads(1) }}") }}
-- One row per row under a heading that names something: its city, code, province and year as printed, and what the
-- labels above it say of its figures.
with
-- Notes behind names; files repeat their names.
names as (
    select
        printed_key,
        nullif({{ without_name_marks(without_footnote_marks('printed_key')) }}, '') as name_key
    from (select distinct printed_key from {{ ref('stg_yearbook__row_key') }}) as printed
),

year_texts as (
    select distinct year_printed as text
    from {{ ref('stg_yearbook__row_key') }}
    where year_printed is not null
),

year_words as (
    {{ year_words('year_texts') }}
),

part_of_year as (
    {{ period_patterns() }}
),

-- 2013-2014 is no year, nor is 2022年6月.
years as (
    select
        year_texts.text as year_printed,
        bool_or(
            coalesce(year_words.kind in ('part_year', 'date'), false) or {{ names_part_of_year('year_texts.text') }}
        )
            as is_part_of_year,
        case
            when count(distinct year_words.kind || year_words.year) = 1
                then min(year_words.year) filter (where year_words.kind in ('period', 'bare'))
        end as row_year
    from year_texts
    cross join part_of_year
    left join year_words on year_texts.text = year_words.text
    group by year_texts.text
),

overflow as (
    select distinct
        file_key,
        sheet_index,
        row_number
    from {{ ref('stg_yearbook__overflow') }}
),

with_sections as (
    select distinct
        file_key,
        sheet_index,
        block_row
    from {{ ref('stg_yearbook__section') }}
    where scope is not null or measure <> '' or is_part_of_year
),

sectioned as (
    select
        row_key.file_key,
        row_key.sheet_index,
        row_key.row_number,
        last_value(section.scope ignore nulls) over rows_so_far as section_scope,
        nullif(last_value(section.measure ignore nulls) over rows_so_far, '') as section_measure,
        coalesce(last_value(section.is_part_of_year ignore nulls) over rows_so_far, false) as is_section_part_of_year
    from {{ ref('stg_yearbook__row_key') }} as row_key
    inner join with_sections
        on
            row_key.file_key = with_sections.file_key
            and row_key.sheet_index = with_sections.sheet_index
            and row_key.block_row = with_sections.block_row
    left join {{ ref('stg_yearbook__section') }} as section
        on
            row_key.file_key = section.file_key
            and row_key.sheet_index = section.sheet_index
            and row_key.row_number = section.row_number
    window
        rows_so_far as (
            partition by row_key.file_key, row_key.sheet_index, row_key.block_row
            order by row_key.row_number
            rows between unbounded preceding and current row
        )
)

select
    named.file_key,
    named.sheet_index,
    named.block_row,
    named.row_number,
    named.city_name_printed,
    names.name_key,
    named.city_code_printed,
    -- The row of a province says where the places below it are, where the page is built so.
    coalesce(
        named.province_key,
        case when province_row.is_section and not province_row.names_province then province_row.running_province_key end
    ) as province_key,
    -- Only a hint: some pages list provinces among the cities in alphabetical order.
    province_row.running_province_key,
    coalesce(province_row.names_province, false) as names_province,
    years.row_year,
    named.row_unit,
    named.indicator_printed,
    named.scope_key,
    sectioned.section_scope,
    sectioned.section_measure,
    named.value_cells,
    -- Why no figure of the row can be used, whatever its columns say.
    case
        when overflow.file_key is not null then 'ragged_row'
        when named.is_withdrawn then 'withdrawn'
        when named.unknown_keys > 0 then 'unknown_key'
        when
            named.last_printed_key is not null
            and {{ without_match('named.last_printed_key', '(市|地区|州|盟)$') }}
            <> {{ without_match('named.printed_key', '(市|地区|州|盟)$') }}
            and {{ matches('named.last_printed_key', "'\\p{Han}'") }}
            then 'two_names'
        when years.is_part_of_year or sectioned.is_section_part_of_year then 'part_of_a_year'
    end as reason,
    -- A row with a key and no figure under it is a label: a province, a note, an empty city.
    (names.name_key is not null or named.city_code_printed is not null) and named.value_cells > 0 as is_data
from {{ ref('stg_yearbook__row_key') }} as named
left join names on named.printed_key = names.printed_key
left join years on named.year_printed = years.year_printed
left join {{ ref('stg_yearbook__province_row') }} as province_row
    on
        named.file_key = province_row.file_key
        and named.sheet_index = province_row.sheet_index
        and named.row_number = province_row.row_number
left join overflow
    on
        named.file_key = overflow.file_key
        and named.sheet_index = overflow.sheet_index
        and named.row_number = overflow.row_number
left join sectioned
    on
        named.file_key = sectioned.file_key
        and named.sheet_index = sectioned.sheet_index
        and named.row_number = sectioned.row_number
