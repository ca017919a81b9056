-- One row per block, dimension and subject of which a note says the unit, 注：人口单位为万人, or a line below the table:
-- the unit, or null where notes say several. A note without a subject speaks of all that is measured so. How such notes
-- are worded is a seed (unit_note).
with first_block as (
    select
        file_key,
        sheet_index,
        min(block_row) as block_row
    from {{ ref('stg_yearbook__block') }}
    group by file_key, sheet_index
),

-- A note between two tables is that of the upper one.
notes as (
    select
        block_words.file_key,
        block_words.sheet_index,
        block_words.block_row,
        block_words.text_key
    from {{ ref('stg_yearbook__block_words') }} as block_words
    inner join first_block
        on block_words.file_key = first_block.file_key and block_words.sheet_index = first_block.sheet_index
    where
        block_words.part in ('note', 'unit_note')
        and (block_words.part_order > 0 or block_words.block_row = first_block.block_row)
),

clauses as (
    select
        text_key,
        {{ unnest_split('text_key', '[。；;，,]') }} as words
    from (select distinct text_key from notes) as texts
),

general as (
    select string_agg('(?:' || word || ')', '|' order by word) as word
    from {{ ref('unit_note') }}
    where part = 'general'
),

said as (
    select distinct
        clauses.text_key,
        case
            when {{ matches(matched_group('clauses.words', 'unit_note.word', 1), 'general.word') }} then ''
            else {{ matched_group('clauses.words', 'unit_note.word', 1) }}
        end as subject,
        unit.unit_key,
        unit.unit_code,
        unit.dimension
    from clauses
    inner join {{ ref('unit_note') }} as unit_note
        on unit_note.part = 'clause' and {{ matches('clauses.words', 'unit_note.word') }}
    cross join general
    inner join {{ ref('unit') }} as unit
        on {{ matched_group('clauses.words', 'unit_note.word', 2) }} = unit.unit_key
)

select
    notes.file_key,
    notes.sheet_index,
    notes.block_row,
    said.subject,
    said.dimension,
    case when count(distinct said.unit_code) = 1 then min(said.unit_key) end as unit_key
from notes
inner join said on notes.text_key = said.text_key
group by notes.file_key, notes.sheet_index, notes.block_row, said.subject, said.dimension
