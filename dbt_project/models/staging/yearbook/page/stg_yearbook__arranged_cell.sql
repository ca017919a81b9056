-- One row per cell of the few sheets that may be arranged in another way, with what it may be: a city, a heading, a
-- year, a figure, a missing mark, a scope, a total.
with
candidate as (
    select *
    from {{ ref('stg_yearbook__named_row') }}
    where is_candidate
),

total_name as (
    select name_key from {{ ref('aggregate_name') }}
    union
    select {{ text_key('name_zh') }} as name_key from {{ ref('province') }}
    union
    select {{ text_key('short_zh') }} as name_key from {{ ref('province') }}
),

candidate_sheet as (
    select distinct
        file_key,
        sheet_index
    from candidate
),

-- All cells of the few sheets in which a row may be such a heading.
near_cell as (
    select
        cell.file_key,
        cell.sheet_index,
        cell.row_number,
        cell.column_number,
        cell.text,
        {{ text_key('cell.text') }} as text_key
    from {{ source('raw', 'yearbook_cell') }} as cell
    inner join candidate_sheet
        on cell.file_key = candidate_sheet.file_key and cell.sheet_index = candidate_sheet.sheet_index
)

select
    cell.*,
    named.city_code,
    named.role,
    {{ year_alone('cell.text_key') }} is not null as is_year,
    {{ parse_number('cell.text_key') }} is not null and {{ year_alone('cell.text_key') }} is null as is_figure,
    missing_mark.mark is not null as is_mark,
    scope_label.scope is not null as is_scope,
    total_name.name_key is not null as is_total
from near_cell as cell
left join {{ ref('stg_yearbook__named_cell') }} as named
    on
        cell.file_key = named.file_key
        and cell.sheet_index = named.sheet_index
        and cell.row_number = named.row_number
        and cell.column_number = named.column_number
left join {{ ref('missing_mark') }} as missing_mark on cell.text_key = missing_mark.mark
left join {{ ref('scope_label') }} as scope_label on cell.text_key = scope_label.label_key
left join total_name on {{ without_name_marks('cell.text_key') }} = total_name.name_key
