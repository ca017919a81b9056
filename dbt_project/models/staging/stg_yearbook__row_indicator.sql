-- One row per block and text of an indicator column: long pages that name the indicator in each row.
with printed as (
    select distinct
        page_row.file_key,
        page_row.sheet_index,
        page_row.block_row,
        page_row.indicator_printed
    from {{ ref('stg_yearbook__row') }} as page_row
    where page_row.indicator_printed is not null
),

worded as (
    select
        *,
        {{ text_key(heading_words('indicator_printed')) }} as part_key
    from printed
),

measured as (
    select
        worded.*,
        unit.unit_key,
        case
            when unit.unit_key is not null then {{ without_match('worded.part_key', '\\([^()]*\\)$') }}
            else worded.part_key
        end as heading_key
    from worded
    left join {{ ref('unit') }} as unit
        on {{ first_match('worded.part_key', '\\(([^()]*)\\)$') }} = unit.unit_key
),

ranked as (
    select
        measured.file_key,
        measured.sheet_index,
        measured.block_row,
        measured.indicator_printed,
        measured.heading_key,
        measured.unit_key,
        heading.indicator_code,
        heading.scope,
        heading.unit,
        row_number() over (
            partition by measured.file_key, measured.sheet_index, measured.block_row, measured.indicator_printed
            order by
                (heading.source_id = '*')::integer,
                (heading.table_pattern is null)::integer,
                heading.edition_from desc nulls last
        ) as match_rank
    from measured
    inner join {{ ref('stg_yearbook__sheet') }} as sheet
        on measured.file_key = sheet.file_key and measured.sheet_index = sheet.sheet_index
    inner join {{ ref('stg_yearbook__block') }} as block
        on
            measured.file_key = block.file_key
            and measured.sheet_index = block.sheet_index
            and measured.block_row = block.block_row
    left join {{ ref('heading') }} as heading
        on
            measured.heading_key = heading.heading_key
            and heading.role = 'value'
            and heading.source_id in (sheet.source_id, '*')
            and coalesce(sheet.edition, 9999) >= coalesce(heading.edition_from, 0)
            and coalesce(sheet.edition, 0) <= coalesce(heading.edition_to, 9999)
            and (
                heading.table_pattern is null
                or {{ matches("coalesce(block.table_title, '')", 'heading.table_pattern') }}
            )
)

select
    file_key,
    sheet_index,
    block_row,
    indicator_printed,
    heading_key,
    indicator_code,
    scope,
    coalesce(unit, unit_key) as unit_printed
from ranked
where match_rank = 1
