-- One row per column that is a part of another, 地区生产总值 | #第一产业, or of the heading above it: its full name,
-- 地区生产总值/第一产业, and the indicator that this is, if any. What marks a part is a seed (part_mark), and so is
-- which words are a part of which indicator (indicator_part).
with words as (
    {{ part_words(ref('stg_yearbook__heading_path')) }}
),

with_parts as (
    select distinct
        paths.file_key,
        paths.sheet_index,
        paths.block_row
    from {{ ref('stg_yearbook__heading_path') }} as paths
    inner join words on paths.heading_key = words.heading_key
),

paths as (
    select
        paths.*,
        {{ first_match('paths.heading_key', '^(.+)/[^/]+$') }} as upper_key,
        words.part_key,
        coalesce(words.is_marked, false) as is_marked
    from {{ ref('stg_yearbook__heading_path') }} as paths
    inner join with_parts
        on
            paths.file_key = with_parts.file_key
            and paths.sheet_index = with_parts.sheet_index
            and paths.block_row = with_parts.block_row
    left join words on paths.heading_key = words.heading_key
),

keys as (
    select
        file_key,
        sheet_index,
        block_row,
        heading_key
    from paths
    union
    select
        file_key,
        sheet_index,
        block_row,
        upper_key as heading_key
    from paths
    where upper_key is not null
),

mapped as (
    {{ mapping_of('keys') }}
),

-- What a mapping knows as it stands is no part.
columns_read as (
    select
        paths.*,
        paths.part_key is not null and mapped.heading_key is null as is_part,
        coalesce(mapped.role, 'value') = 'value' as is_measure,
        mapped.indicator_code,
        mapped.scope as mapped_scope,
        mapped.unit as mapped_unit,
        upper.indicator_code as upper_indicator_code
    from paths
    left join mapped
        on
            paths.file_key = mapped.file_key
            and paths.sheet_index = mapped.sheet_index
            and paths.block_row = mapped.block_row
            and paths.heading_key = mapped.heading_key
    left join mapped as upper
        on
            paths.file_key = upper.file_key
            and paths.sheet_index = upper.sheet_index
            and paths.block_row = upper.block_row
            and paths.upper_key = upper.heading_key
),

placed as (
    select
        *,
        last_value(
            case when is_measure and not is_part and heading_key <> '' then column_number end ignore nulls
        ) over (
            partition by file_key, sheet_index, block_row
            order by column_number
            rows between unbounded preceding and 1 preceding
        ) as whole_column
    from columns_read
),

parts as (
    select
        placed.file_key,
        placed.sheet_index,
        placed.block_row,
        placed.column_number,
        placed.part_key,
        placed.is_marked,
        coalesce(placed.upper_key, whole.heading_key) as whole_key,
        coalesce(placed.upper_key, whole.heading_key) || '/' || placed.part_key as heading_key,
        whole.heading_printed as whole_printed,
        case when placed.upper_key is null then whole.indicator_code else placed.upper_indicator_code end
            as whole_indicator_code,
        coalesce(placed.printed_scope, whole.mapped_scope, whole.printed_scope) as scope,
        coalesce(placed.heading_year, whole.heading_year) as heading_year,
        -- Without a mark it may be a share of it.
        case when placed.is_marked then coalesce(whole.mapped_unit, whole.printed_unit) end as whole_unit
    from placed
    left join columns_read as whole
        on
            placed.file_key = whole.file_key
            and placed.sheet_index = whole.sheet_index
            and placed.block_row = whole.block_row
            and placed.whole_column = whole.column_number
            and placed.upper_key is null
    where placed.is_part and placed.part_key <> ''
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
    parts.block_row,
    parts.column_number,
    parts.heading_key,
    parts.whole_printed,
    coalesce(mapped_in_full.indicator_code, indicator_part.indicator_code) as indicator_code,
    coalesce(mapped_in_full.scope, parts.scope) as scope,
    parts.heading_year,
    mapped_in_full.unit as mapped_unit,
    parts.whole_unit
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
-- A word that is a part of something else only is what it says.
where parts.is_marked or coalesce(mapped_in_full.indicator_code, indicator_part.indicator_code) is not null
