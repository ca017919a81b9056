-- One row per words that speak of a whole sheet and stand outside its tables: folders, name of the file, tab, citation,
-- and lines that name a yearbook. `part` is a key of the seed page_part.
with sheets as (
    select
        file_key,
        sheet_index,
        sheet_name,
        relative_path,
        citation_key
    from {{ ref('stg_yearbook__sheet_source') }}
),

steps as (
    select
        file_key,
        sheet_index,
        {{ unnest_with_position("string_split(relative_path, '/')", 'step', 'place') }}
    from sheets
),

path_parts as (
    select
        file_key,
        sheet_index,
        case when place = max(place) over (partition by file_key, sheet_index) then 'file_name' else 'folder' end
            as part,
        -- The nearest folder comes first.
        (max(place) over (partition by file_key, sheet_index) - place)::integer as part_order,
        {{ title_key(without_match('step', '[.][A-Za-z]{2,5}$')) }} as text_key
    from steps
),

lines as (
    select
        file_key,
        sheet_index,
        -- A source line says where figures come from, not what the page is.
        case
            when
                row_number > 6
                or {{ matches(text_key('text'), "'^[(]?(注|备注|说明|资料来源|数据来源|来源|摘编|摘自|根据|note|source)'") }}
                then 'source_line'
            else 'line'
        end as part,
        row_number as part_order,
        {{ title_key('text') }} as text_key
    from {{ source('raw', 'yearbook_cell') }}
    where
        kind = 'text'
        and length(text) <= 200
        and (text like '%年鉴%' or lower(text) like '%yearbook%')
)

select
    file_key,
    sheet_index,
    part,
    part_order,
    text_key
from path_parts
union all
select
    file_key,
    sheet_index,
    'tab' as part,
    0 as part_order,
    {{ title_key('sheet_name') }} as text_key
from sheets
where sheet_name is not null
union all
select
    file_key,
    sheet_index,
    'citation' as part,
    0 as part_order,
    citation_key as text_key
from sheets
where citation_key <> ''
union all
select
    lines.file_key,
    lines.sheet_index,
    lines.part,
    lines.part_order,
    lines.text_key
from lines
inner join sheets on lines.file_key = sheets.file_key and lines.sheet_index = sheets.sheet_index
