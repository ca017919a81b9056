-- One row per words that speak of all figures of a block: lines of its title, tab, file, folders, unit line, notes.
-- `part` is a key of the seed page_part, or `unit`, `note` or `unit_note` (a line below the table that says a unit).
with lines as (
    select
        file_key,
        sheet_index,
        block_row,
        {{ unnest_lines("coalesce(table_title || chr(10), '') || coalesce(continuation_title, '')") }} as text_key
    from {{ ref('stg_yearbook__block') }}
),

-- To search files of millions of cells would cost and find nothing.
short_cells as materialized (
    select cell.*
    from {{ ref('stg_yearbook__cell') }} as cell
    inner join {{ ref('stg_yearbook__sheet') }} as sheet
        on cell.file_key = sheet.file_key and cell.sheet_index = sheet.sheet_index and sheet.cells <= 200000
    where cell.kind = 'text' and length(cell.text_key) between 4 and 300
),

-- What a line must say to be a note though it doesn't begin like one: a unit, or that figures were computed.
note_word as (
    select
        (
            select string_agg('(?:' || measure_word.word || ')', '|' order by measure_word.word)
            from {{ ref('measure_word') }} as measure_word
            inner join {{ ref('measure') }} as measure
                on measure_word.measure = measure.measure and measure.is_computed
            where contains(measure_word.parts, 'note')
        ) as computed,
        (
            select string_agg('(?:' || word || ')', '|' order by word)
            from {{ ref('unit_note') }}
            where part = 'clause'
        ) as unit
),

note_texts as (
    select
        texts.text_key,
        {{ matches('texts.text_key', "'^[(]?(注|备注|说明|本表|表中|note)'") }} as begins_like_one,
        coalesce({{ matches('texts.text_key', 'note_word.computed') }}, false) as says_computed,
        coalesce({{ matches('texts.text_key', 'note_word.unit') }}, false) as says_unit
    from (select distinct text_key from short_cells) as texts
    cross join note_word
),

-- Notes below a table are read as far as the next one.
notes_below as (
    select
        block.file_key,
        block.sheet_index,
        block.block_row,
        cell.row_number,
        cell.text_key,
        note_texts.begins_like_one,
        note_texts.says_computed,
        -- A line of units above another table is that table's.
        note_texts.says_unit and block.end_row = 2147483647 as says_unit
    from short_cells as cell
    inner join note_texts
        on
            cell.text_key = note_texts.text_key
            and (note_texts.begins_like_one or note_texts.says_computed or note_texts.says_unit)
    inner join {{ ref('stg_yearbook__block') }} as block
        on
            cell.file_key = block.file_key
            and cell.sheet_index = block.sheet_index
            and cell.row_number > block.heading_end_row
            and cell.row_number <= block.end_row
            and (note_texts.begins_like_one or cell.column_number <= block.key_column)
),

-- Without such a beginning they stand alone in their row, or they are the name of an indicator.
lone_notes as (
    select
        notes_below.file_key,
        notes_below.sheet_index,
        notes_below.block_row,
        notes_below.text_key,
        notes_below.begins_like_one,
        notes_below.says_computed,
        notes_below.says_unit
    from notes_below
    inner join {{ ref('stg_yearbook__cell') }} as cell
        on
            notes_below.file_key = cell.file_key
            and notes_below.sheet_index = cell.sheet_index
            and notes_below.row_number = cell.row_number
    group by all
    having count(*) = 1 or notes_below.begins_like_one
)

select
    file_key,
    sheet_index,
    block_row,
    'title' as part,
    0 as part_order,
    text_key
from lines
where text_key <> ''
union all
select
    block.file_key,
    block.sheet_index,
    block.block_row,
    page_part.part,
    page_part.part_order,
    page_part.text_key
from {{ ref('stg_yearbook__block') }} as block
inner join {{ ref('stg_yearbook__page_part') }} as page_part
    on
        block.file_key = page_part.file_key
        and block.sheet_index = page_part.sheet_index
        and page_part.part in ('tab', 'file_name', 'folder')
union all
select
    file_key,
    sheet_index,
    block_row,
    'unit' as part,
    0 as part_order,
    unit_line as text_key
from {{ ref('stg_yearbook__block') }}
where unit_line is not null
union all
select
    file_key,
    sheet_index,
    block_row,
    'note' as part,
    0 as part_order,
    {{ unnest_lines('notes') }} as text_key
from {{ ref('stg_yearbook__block') }}
where notes is not null
union all
select
    file_key,
    sheet_index,
    block_row,
    case when begins_like_one or says_computed then 'note' else 'unit_note' end as part,
    1 as part_order,
    text_key
from lone_notes
where begins_like_one or says_computed or says_unit
