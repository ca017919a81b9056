-- One row per cell between the last figures and a heading: title, unit line or note of the table (`part`). Names of
-- provinces are neither. Of tables beside each other each takes what stands above itself, and what stands there once is
-- of both.
with
regions as (
    select
        region.*,
        region.row_base + 1 as key_row,
        max(above.last_row) as last_row_above
    from {{ ref('stg_yearbook__region') }} as region
    left join {{ ref('stg_yearbook__region') }} as above
        on
            region.file_key = above.file_key
            and region.sheet_index = above.sheet_index
            and region.first_row > above.last_row
    group by all
),

-- Which rows above a heading are not its own, and which columns its caption may share with a table beside it.
surroundings as (
    select
        extent.file_key,
        extent.sheet_index,
        extent.block_row,
        max(
            case
                when own.key_row is not null then extent.block_row - own.first_row + own.last_row_above
                when regions.last_row < extent.block_row then regions.last_row
            end
        ) as foreign_row,
        min(case when own.is_turned then 1 else own.first_column end) as column_from,
        min(
            case
                when own.is_turned then 2147483647
                when own.key_row is not null then own.last_column
                when regions.first_row = extent.block_row and not regions.is_turned then regions.first_column - 1
            end
        ) as column_to
    from {{ ref('stg_yearbook__extent') }} as extent
    inner join regions
        on extent.file_key = regions.file_key and extent.sheet_index = regions.sheet_index
    left join regions as own
        on
            extent.file_key = own.file_key
            and extent.sheet_index = own.sheet_index
            and extent.block_row = own.key_row
    group by extent.file_key, extent.sheet_index, extent.block_row
),

blocks as (
    select
        extent.file_key,
        extent.sheet_index,
        extent.block_row,
        extent.block_number,
        greatest(
            coalesce(
                lag(extent.last_row) over (partition by extent.file_key, extent.sheet_index order by extent.block_row),
                0
            ),
            coalesce(surroundings.foreign_row, 0)
        ) as rows_above_from,
        coalesce(surroundings.column_from, 1) as column_from,
        coalesce(surroundings.column_to, 2147483647) as column_to
    from {{ ref('stg_yearbook__extent') }} as extent
    left join surroundings
        on
            extent.file_key = surroundings.file_key
            and extent.sheet_index = surroundings.sheet_index
            and extent.block_row = surroundings.block_row
),

above as (
    select
        blocks.file_key,
        blocks.sheet_index,
        blocks.block_row,
        blocks.block_number,
        near.row_number,
        near.column_number,
        near.kind,
        near.text,
        near.text_key,
        near.column_number between blocks.column_from and blocks.column_to as is_own_column,
        near.is_figure or count(*) over (
            partition by blocks.file_key, blocks.sheet_index, blocks.block_row, near.row_number
        ) > 3 as is_body
    from blocks
    inner join {{ ref('stg_yearbook__near_cell') }} as near
        on
            blocks.file_key = near.file_key
            and blocks.sheet_index = near.sheet_index
            and blocks.block_row = near.key_row
            and blocks.block_row > near.row_number
            and blocks.rows_above_from < near.row_number
),

-- A row without a figure is no title where it repeats a year or a word of the rows above it, column by column.
repeating as (
    select
        * exclude (is_body),
        bool_or(is_body) over (partition by file_key, sheet_index, block_row, column_number, text_key) as is_like_body
    from above
),

bodies as (
    select
        *,
        bool_or(is_like_body) over (partition by file_key, sheet_index, block_row, row_number) as is_body
    from repeating
),

body_ends as (
    select
        *,
        max(case when is_body then row_number end) over (
            partition by file_key, sheet_index, block_row
        ) as last_body_row
    from bodies
),

captions as (
    select
        file_key,
        sheet_index,
        block_row,
        row_number,
        column_number,
        is_own_column,
        text,
        text_key,
        {{ matches('text_key', "'^[(]?(注|备注|说明|资料来源|数据来源|来源|摘编|摘自|note|source)'") }} as is_note,
        coalesce(
            {{ first_match('text_key', '^.*?(?:单位|unit)[:](.+?)(?:[(]?unit[:].*)?$') }},
            -- 单位 万元, without a colon.
            {{ first_match('text_key', '^[(]?(?:计量)?单位([^:、,的].{0,11})$') }}
        ) as unit_words
    from body_ends
    where
        kind = 'text'
        and row_number > coalesce(last_body_row, 0)
        and (
            block_number = 1
            or not {{ matches('text_key', "'(省|自治区|市)$'") }}
            or {{ matches('text_key', "'[0-9]|县级|辖'") }}
        )
),

own_captions as (
    select
        *,
        bool_or(is_own_column) over (
            partition by file_key, sheet_index, block_row, row_number, unit_words is null
        ) as has_own
    from captions
)

select
    file_key,
    sheet_index,
    block_row,
    row_number,
    column_number,
    case when is_note then 'note' when unit_words is not null then 'unit' else 'title' end as part,
    text_key,
    -- A title may go on with the unit.
    case
        when not is_note then nullif({{ without_match(title_key('text'), '[(]?(?:计量)?(?:(?:单位|unit)[:]|^单位).*$') }}, '')
    end as title_words,
    case when not is_note then unit_words end as unit_words,
    case
        when not is_note and unit_words is not null
            then {{ listed_by_blanks('text', '(?:单位|[Uu]nit)\\s*[:：](.+)$') }}
    end as unit_words_by_blanks
from own_captions
where is_own_column or not has_own
