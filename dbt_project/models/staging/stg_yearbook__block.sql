-- One row per table block of a sheet: a heading that names the city column, and the rows under it.
-- A continuation page repeats the heading and so begins a block of its own, of the same table.
with key_headings as (
    select distinct
        source_id,
        heading_key,
        role in ('city', 'city_code') as names_city
    from {{ ref('heading') }}
    -- A page about one city has no heading of cities: its table begins with its years or indicators.
    where role in ('city', 'city_code', 'year', 'indicator')
),

-- Pages repeat their words: each is read once.
key_words as (
    select distinct
        cell_text.text,
        key_headings.source_id,
        key_headings.names_city
    from (
        select distinct text
        from {{ ref('stg_yearbook__cell') }}
        where kind = 'text' and length(text) <= 60
    ) as cell_text
    inner join key_headings
        on {{ text_key(heading_words('cell_text.text')) }} = key_headings.heading_key
),

key_cells as (
    select distinct
        cell.file_key,
        cell.sheet_index,
        cell.row_number,
        cell.column_number,
        cell.row_number + coalesce(cell.row_span, 1) - 1 as last_row
    from {{ ref('stg_yearbook__cell') }} as cell
    inner join {{ ref('stg_yearbook__sheet') }} as sheet
        on cell.file_key = sheet.file_key and cell.sheet_index = sheet.sheet_index
    inner join key_words
        on cell.text = key_words.text and key_words.source_id in (sheet.source_id, '*')
    left join {{ ref('stg_yearbook__lone_city') }} as lone_city
        on cell.file_key = lone_city.file_key and cell.sheet_index = lone_city.sheet_index
    where cell.kind = 'text' and (key_words.names_city or lone_city.file_key is not null)
),

-- Parts that are read elsewhere than they stand: their caption is above the place where they stand.
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

key_rows as (
    select
        file_key,
        sheet_index,
        row_number,
        min(column_number) as key_column,
        max(last_row) as last_row,
        false as is_turned
    from key_cells
    where
        not exists (
            select 1
            from regions
            where
                regions.is_turned
                and regions.file_key = key_cells.file_key
                and regions.sheet_index = key_cells.sheet_index
                and key_cells.row_number between regions.row_base + 1 and regions.row_base + regions.lines
        )
    group by file_key, sheet_index, row_number
    union all
    select
        file_key,
        sheet_index,
        key_row as row_number,
        city_line as key_column,
        row_base + heading_lines as last_row,
        true as is_turned
    from regions
    where is_turned
),

-- Which rows above a heading are not its own, and which columns its caption may share with a table beside it.
surroundings as (
    select
        key_rows.file_key,
        key_rows.sheet_index,
        key_rows.row_number,
        max(
            case
                when own.key_row is not null then key_rows.row_number - own.first_row + own.last_row_above
                when regions.last_row < key_rows.row_number then regions.last_row
            end
        ) as foreign_row,
        min(case when own.is_turned then 1 else own.first_column end) as column_from,
        min(
            case
                when own.is_turned then 2147483647
                when own.key_row is not null then own.last_column
                when regions.first_row = key_rows.row_number and not regions.is_turned then regions.first_column - 1
            end
        ) as column_to
    from key_rows
    inner join regions
        on key_rows.file_key = regions.file_key and key_rows.sheet_index = regions.sheet_index
    left join regions as own
        on
            key_rows.file_key = own.file_key
            and key_rows.sheet_index = own.sheet_index
            and key_rows.row_number = own.key_row
    group by key_rows.file_key, key_rows.sheet_index, key_rows.row_number
),

-- The rows that may be heading or title: those near the key words.
near_cells as (
    select
        key_rows.file_key,
        key_rows.sheet_index,
        key_rows.row_number as key_row,
        key_rows.key_column,
        key_rows.last_row,
        key_rows.is_turned,
        cell.row_number,
        cell.column_number,
        cell.kind,
        cell.text,
        {{ text_key('cell.text') }} as text_key
    from key_rows
    inner join {{ ref('stg_yearbook__cell') }} as cell
        on
            key_rows.file_key = cell.file_key
            and key_rows.sheet_index = cell.sheet_index
            and cell.row_number between key_rows.row_number - 12 and key_rows.last_row + 4
    union all
    select
        key_rows.file_key,
        key_rows.sheet_index,
        key_rows.row_number as key_row,
        key_rows.key_column,
        key_rows.last_row,
        key_rows.is_turned,
        key_rows.row_number - (regions.first_row - cell.row_number) as row_number,
        cell.column_number,
        cell.kind,
        cell.text,
        {{ text_key('cell.text') }} as text_key
    from key_rows
    inner join regions
        on
            key_rows.file_key = regions.file_key
            and key_rows.sheet_index = regions.sheet_index
            and key_rows.row_number = regions.key_row
    inner join {{ ref('stg_yearbook__cell') }} as cell
        on
            key_rows.file_key = cell.file_key
            and key_rows.sheet_index = cell.sheet_index
            and cell.row_number between regions.first_row - 12 and regions.first_row - 1
),

near as (
    select
        *,
        -- A year among the headings is no figure.
        coalesce({{ parse_number('text_key') }} is not null and {{ year_alone('text_key') }} is null, false)
            as is_figure
    from near_cells
),

-- A row that holds a figure is no heading, whatever words stand in it.
anchor_rows as (
    select
        file_key,
        sheet_index,
        row_number,
        key_column,
        last_row,
        is_turned
    from near
    where row_number = key_row
    group by file_key, sheet_index, row_number, key_column, last_row, is_turned
    having is_turned or not bool_or(is_figure)
),

-- Chinese above English, 城市 above City, is one heading.
begun as (
    select
        *,
        coalesce(
            lag(last_row) over (partition by file_key, sheet_index order by row_number) < row_number - 1,
            true
        ) as begins
    from anchor_rows
),

numbered as (
    select
        *,
        sum(begins::integer) over (
            partition by file_key, sheet_index
            order by row_number
            rows between unbounded preceding and current row
        ) as block_number
    from begun
),

anchors as (
    select
        file_key,
        sheet_index,
        block_number,
        min(row_number) as row_number,
        max(row_number) as last_key_row,
        max(last_row) as last_row,
        min(key_column) as key_column,
        bool_or(is_turned) as is_turned
    from numbered
    group by file_key, sheet_index, block_number
),

-- Numbers of the columns under a heading, 1 2 3 4 or A B 1 2, count up by one and stand alone in their row.
marked as (
    select
        *,
        {{ column_number('text_key') }} as mark_number,
        {{ column_letter('text_key') }} as is_letter
    from near
    where row_number > last_row
),

counted as (
    select
        *,
        mark_number - row_number() over (
            partition by file_key, sheet_index, key_row, row_number, mark_number is null
            order by column_number
        ) as numbers_before
    from marked
),

column_number_rows as (
    select
        file_key,
        sheet_index,
        key_row,
        row_number
    from counted
    group by file_key, sheet_index, key_row, row_number
    having
        bool_and(mark_number is not null or is_letter)
        and count(*) > 1
        and count(distinct numbers_before) <= 1
        -- 7 8 9 beside no letter is a row of figures without a city.
        and (bool_or(is_letter) or min(numbers_before) = 0)
),

first_column_number_row as (
    select
        file_key,
        sheet_index,
        key_row,
        min(row_number) as row_number
    from column_number_rows
    group by file_key, sheet_index, key_row
),

-- The heading ends where a key column is filled again, or where a row holds figures.
below as (
    select
        anchors.file_key,
        anchors.sheet_index,
        anchors.block_number,
        min(near.row_number) filter (where numbers.row_number is not null) as column_number_row,
        min(near.row_number) filter (
            where numbers.row_number is null
            and (
                near.is_figure
                -- A row of units may say so in the key column.
                or (key_cells.column_number is not null and near.text_key not in ('单位', '(单位)', '计量单位'))
            )
        ) as first_filled_row
    from anchors
    inner join near
        on
            anchors.file_key = near.file_key
            and anchors.sheet_index = near.sheet_index
            and anchors.last_key_row = near.key_row
            and anchors.last_row < near.row_number
    left join key_cells
        on
            near.file_key = key_cells.file_key
            and near.sheet_index = key_cells.sheet_index
            and near.column_number = key_cells.column_number
            and key_cells.row_number between anchors.row_number and anchors.last_key_row
    left join first_column_number_row as numbers
        on
            near.file_key = numbers.file_key
            and near.sheet_index = numbers.sheet_index
            and near.key_row = numbers.key_row
            and near.row_number = numbers.row_number
    group by anchors.file_key, anchors.sheet_index, anchors.block_number
),

blocks as (
    select
        anchors.file_key,
        anchors.sheet_index,
        anchors.block_number,
        anchors.row_number as block_row,
        anchors.key_column,
        case
            when anchors.is_turned then anchors.last_row
            else coalesce(below.first_filled_row - 1, below.column_number_row, anchors.last_row)
        end as heading_end_row,
        case
            when anchors.is_turned or below.column_number_row > below.first_filled_row then null
            else below.column_number_row
        end as column_number_row,
        coalesce(lead(anchors.row_number) over sheet_rows - 1, 2147483647) as end_row,
        greatest(
            coalesce(lag(anchors.last_row) over sheet_rows, 0), coalesce(surroundings.foreign_row, 0)
        ) as rows_above_from,
        surroundings.column_from,
        surroundings.column_to
    from anchors
    left join surroundings
        on
            anchors.file_key = surroundings.file_key
            and anchors.sheet_index = surroundings.sheet_index
            and anchors.row_number = surroundings.row_number
    left join below
        on
            anchors.file_key = below.file_key
            and anchors.sheet_index = below.sheet_index
            and anchors.block_number = below.block_number
    window sheet_rows as (partition by anchors.file_key, anchors.sheet_index order by anchors.row_number)
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
        near.column_number between coalesce(blocks.column_from, 1) and coalesce(blocks.column_to, 2147483647)
            as is_own_column,
        near.is_figure or count(*) over (
            partition by blocks.file_key, blocks.sheet_index, blocks.block_row, near.row_number
        ) > 3 as is_body
    from blocks
    inner join near
        on
            blocks.file_key = near.file_key
            and blocks.sheet_index = near.sheet_index
            and blocks.block_row = near.key_row
            and blocks.block_row > near.row_number
            and blocks.rows_above_from < near.row_number
),

body_ends as (
    select
        *,
        max(case when is_body then row_number end) over (
            partition by file_key, sheet_index, block_row
        ) as last_body_row
    from above
),

-- What stands between the last figures and the heading: title, unit; notes and provinces are neither.
captions as (
    select
        *,
        {{ first_match('text_key', '^.*?(?:单位|unit)[:](.+?)(?:[(]?unit[:].*)?$') }} as unit_words,
        {{ listed_by_blanks('text', '(?:单位|[Uu]nit)\\s*[:：](.+)$') }} as unit_words_by_blanks,
        -- A title may go on with the unit.
        nullif({{ without_match('text_key', '[(]?(?:计量)?(?:单位|unit)[:].*$') }}, '') as title_words
    from body_ends
    where
        kind = 'text'
        and row_number > coalesce(last_body_row, 0)
        and not {{ matches('text_key', "'^(注|备注|说明|资料来源|数据来源|来源|摘编|摘自|note|source)'") }}
        and (block_number = 1 or not {{ matches('text_key', "'(省|自治区|市)$'") }})
),

-- Of tables beside each other each takes what stands above itself, and what stands there once is of both.
own_captions as (
    select
        *,
        bool_or(is_own_column) over (
            partition by file_key, sheet_index, block_row, row_number, unit_words is null
        ) as has_own
    from captions
),

captioned as (
    select
        file_key,
        sheet_index,
        block_row,
        string_agg(title_words, chr(10) order by row_number, column_number) as title,
        -- The unit next to the heading counts.
        max_by(unit_words, row_number) as unit_line,
        max_by(unit_words_by_blanks, row_number) filter (where unit_words is not null) as unit_list
    from own_captions
    where is_own_column or not has_own
    group by file_key, sheet_index, block_row
),

continued as (
    select
        blocks.*,
        captioned.unit_line,
        captioned.unit_list,
        captioned.title,
        coalesce({{ matches('captioned.title', "'(?m)续表|续[0-9一二三四五六七八九十]*[)]?$|continued'") }}, true) as is_continuation
    from blocks
    left join captioned
        on
            blocks.file_key = captioned.file_key
            and blocks.sheet_index = captioned.sheet_index
            and blocks.block_row = captioned.block_row
),

tabled as (
    select
        *,
        sum((not is_continuation)::integer) over (
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
    last_value(case when tabled.is_continuation then null else tabled.title end ignore nulls) over table_rows
        as table_title,
    last_value(tabled.unit_line ignore nulls) over table_rows as unit_line,
    last_value(tabled.unit_list ignore nulls) over table_rows as unit_list,
    lone_city.city_name as lone_city_name,
    -- Of a turned block: the columns that were rows of cities, years and scopes.
    regions.city_line,
    regions.year_line,
    regions.scope_line
from tabled
left join {{ ref('stg_yearbook__lone_city') }} as lone_city
    on tabled.file_key = lone_city.file_key and tabled.sheet_index = lone_city.sheet_index
left join regions
    on
        tabled.file_key = regions.file_key
        and tabled.sheet_index = regions.sheet_index
        and tabled.block_row = regions.key_row
window
    table_rows as (
        partition by tabled.file_key, tabled.sheet_index, tabled.table_number
        order by tabled.block_row
        rows between unbounded preceding and current row
    )
