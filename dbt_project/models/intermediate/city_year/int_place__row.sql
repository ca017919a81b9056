-- One row per row of a page and year that it has figures of: the city, or the reason why it is none.
with page_row as (
    select distinct
        file_key,
        sheet_index,
        row_number,
        statistic_year,
        name_key,
        city_code_printed,
        province_key,
        running_province_key,
        has_names_of_year
    from {{ ref('stg_yearbook__observation') }}
),

dropped as (
    select distinct coalesce(from_code, to_code) as city_code
    from {{ ref('city_event') }}
    where decision = 'drop'
)

select
    page_row.file_key,
    page_row.sheet_index,
    page_row.row_number,
    page_row.statistic_year,
    place.city_code,
    case
        when place.reason is null and dropped.city_code is not null then 'dropped_by_decision'
        else place.reason
    end as reason
from page_row
inner join {{ ref('int_place__printed') }} as place
    on
        page_row.name_key is not distinct from place.name_key
        and page_row.city_code_printed is not distinct from place.city_code_printed
        and page_row.province_key is not distinct from place.province_key
        and page_row.running_province_key is not distinct from place.running_province_key
        and page_row.statistic_year = place.statistic_year
        and page_row.has_names_of_year is not distinct from place.has_names_of_year
left join dropped on place.city_code = dropped.city_code
