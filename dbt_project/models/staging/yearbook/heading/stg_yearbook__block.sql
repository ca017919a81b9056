-- One row per table block of a sheet: a heading that names the city column, and the rows under it, with the title
-- and the unit line of its table. A continuation page repeats the heading and so begins a block of its own, of the
-- same table; a heading without a title continues the table above only where it is the same heading.
with captioned as (
    select
        file_key,
        sheet_index,
        block_row,
        string_agg(title_words, chr(10) order by row_number, column_number) as title,
        -- The unit next to the heading counts.
        max_by(unit_words, row_number) as unit_line,
        max_by(unit_words_by_blanks, row_number) filter (where unit_words is not null) as unit_list,
        string_agg(text_key, chr(10) order by row_number, column_number) filter (where part = 'note') as notes
    from {{ ref('stg_yearbook__caption') }}
    group by file_key, sheet_index, block_row
),

heading_words as (
    select
        extent.file_key,
        extent.sheet_index,
        extent.block_row,
        string_agg(near.text_key, chr(10) order by near.row_number, near.column_number) as words
    from {{ ref('stg_yearbook__extent') }} as extent
    inner join {{ ref('stg_yearbook__near_cell') }} as near
        on
            extent.file_key = near.file_key
            and extent.sheet_index = near.sheet_index
            and extent.block_row = near.key_row
            and near.row_number between extent.block_row and extent.heading_end_row
            and near.row_number is distinct from extent.column_number_row
    group by extent.file_key, extent.sheet_index, extent.block_row
),

continued as (
    select
        extent.*,
        captioned.unit_line,
        captioned.unit_list,
        captioned.title,
        captioned.notes,
        coalesce(
            {{ matches('captioned.title', "'(?m)续表|续[0-9一二三四五六七八九十]*[)]?$|continued'") }},
            heading_words.words = lag(heading_words.words) over sheet_blocks
        ) as is_continuation
    from {{ ref('stg_yearbook__extent') }} as extent
    left join captioned
        on
            extent.file_key = captioned.file_key
            and extent.sheet_index = captioned.sheet_index
            and extent.block_row = captioned.block_row
    left join heading_words
        on
            extent.file_key = heading_words.file_key
            and extent.sheet_index = heading_words.sheet_index
            and extent.block_row = heading_words.block_row
    window sheet_blocks as (partition by extent.file_key, extent.sheet_index order by extent.block_row)
),

tabled as (
    select
        *,
        sum((not coalesce(is_continuation, false))::integer) over (
            partition by file_key, sheet_index
            order by block_row
            rows between unbounded preceding and current row
        ) as table_number
    from continued
)

select
    tabled.file_key,
    tabled.sheet_index,
    tabled.block_row,
    tabled.key_column,
    tabled.heading_end_row,
    tabled.column_number_row,
    tabled.end_row,
    last_value(case when coalesce(tabled.is_continuation, false) then null else tabled.title end ignore nulls)
        over table_rows as table_title,
    -- Where a table is continued, its page may say more: 续表 (2020年).
    case when tabled.is_continuation then tabled.title end as continuation_title,
    last_value(tabled.unit_line ignore nulls) over table_rows as unit_line,
    last_value(tabled.unit_list ignore nulls) over table_rows as unit_list,
    last_value(tabled.notes ignore nulls) over table_rows as notes,
    lone_city.city_name as lone_city_name,
    -- Of a turned block: the columns that were rows of cities, years and scopes.
    region.city_line,
    region.year_line,
    region.scope_line
from tabled
left join {{ ref('stg_yearbook__lone_city') }} as lone_city
    on tabled.file_key = lone_city.file_key and tabled.sheet_index = lone_city.sheet_index
left join {{ ref('stg_yearbook__region') }} as region
    on
        tabled.file_key = region.file_key
        and tabled.sheet_index = region.sheet_index
        and tabled.block_row = region.row_base + 1
window
    table_rows as (
        partition by tabled.file_key, tabled.sheet_index, tabled.table_number
        order by tabled.block_row
        rows between unbounded preceding and current row
    )
