-- One row per row whose indicator is a part of that of a row above it, 其中：#第一产业 under 地区生产总值: its full
-- name, 地区生产总值/第一产业, and the indicator that this is, if any. What marks a part is a seed (part_mark), and
-- so is which words are a part of which indicator (indicator_part).
with words as (
    {{ part_words(ref('stg_yearbook__row_indicator')) }}
),

-- What a mapping knows as it stands is no part.
texts as (
    select
        row_indicator.file_key,
        row_indicator.sheet_index,
        row_indicator.block_row,
        row_indicator.indicator_printed,
        words.part_key,
        words.is_marked
    from {{ ref('stg_yearbook__row_indicator') }} as row_indicator
    inner join words on row_indicator.heading_key = words.heading_key
    where row_indicator.indicator_code is null
),

with_parts as (
    select distinct
        file_key,
        sheet_index,
        block_row
    from texts
),

placed as (
    select
        page_row.file_key,
        page_row.sheet_index,
        page_row.block_row,
        page_row.row_number,
        page_row.indicator_printed,
        page_row.row_unit,
        texts.part_key,
        texts.is_marked,
        last_value(case when texts.part_key is null then page_row.row_number end ignore nulls) over (
            partition by
                page_row.file_key, page_row.sheet_index, page_row.block_row,
                page_row.name_key, page_row.city_code_printed
            order by page_row.row_number
            rows between unbounded preceding and 1 preceding
        ) as whole_row
    from {{ ref('stg_yearbook__row') }} as page_row
    inner join with_parts
        on
            page_row.file_key = with_parts.file_key
            and page_row.sheet_index = with_parts.sheet_index
            and page_row.block_row = with_parts.block_row
    left join texts
        on
            page_row.file_key = texts.file_key
            and page_row.sheet_index = texts.sheet_index
            and page_row.block_row = texts.block_row
            and page_row.indicator_printed = texts.indicator_printed
    where page_row.indicator_printed is not null
),

parts as (
    select
        placed.file_key,
        placed.sheet_index,
        placed.block_row,
        placed.row_number,
        placed.part_key,
        placed.is_marked,
        whole.indicator_printed as whole_printed,
        whole_indicator.heading_key || '/' || placed.part_key as heading_key,
        whole_indicator.indicator_code as whole_indicator_code,
        whole_indicator.scope,
        whole_indicator.answered,
        whole_indicator.other_measure,
        -- Without a mark it may be a share of it.
        case when placed.is_marked then coalesce(whole.row_unit, whole_indicator.unit_printed) end as whole_unit
    from placed
    left join placed as whole
        on
            placed.file_key = whole.file_key
            and placed.sheet_index = whole.sheet_index
            and placed.whole_row = whole.row_number
    left join {{ ref('stg_yearbook__row_indicator') }} as whole_indicator
        on
            whole.file_key = whole_indicator.file_key
            and whole.sheet_index = whole_indicator.sheet_index
            and whole.block_row = whole_indicator.block_row
            and whole.indicator_printed = whole_indicator.indicator_printed
    where placed.part_key <> ''
),

full_keys as (
    select distinct
        file_key,
        sheet_index,
        block_row,
        heading_key
    from parts
    where heading_key is not null
),

mapped_in_full as (
    {{ mapping_of('full_keys') }}
)

select
    parts.file_key,
    parts.sheet_index,
    parts.row_number,
    coalesce(parts.heading_key, parts.part_key) as heading_key,
    parts.whole_printed,
    coalesce(mapped_in_full.indicator_code, indicator_part.indicator_code) as indicator_code,
    coalesce(mapped_in_full.scope, parts.scope) as scope,
    mapped_in_full.unit as mapped_unit,
    parts.whole_unit,
    parts.answered,
    parts.other_measure
from parts
left join mapped_in_full
    on
        parts.file_key = mapped_in_full.file_key
        and parts.sheet_index = mapped_in_full.sheet_index
        and parts.block_row = mapped_in_full.block_row
        and parts.heading_key = mapped_in_full.heading_key
        and mapped_in_full.role = 'value'
left join {{ ref('indicator_part') }} as indicator_part
    on
        parts.whole_indicator_code = indicator_part.whole_indicator_code
        and parts.part_key = indicator_part.part_key
where parts.is_marked or coalesce(mapped_in_full.indicator_code, indicator_part.indicator_code) is not null
