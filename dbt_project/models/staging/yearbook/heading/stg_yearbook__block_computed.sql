-- One row per block whose title, tab, file or notes say that figures of it were filled in by a compiler (seed
-- measure_word, measures that are `is_computed`): all of them, or those with a star where the note says so and stars
-- stand there.
with words as (
    select
        measure_word.word,
        measure_word.except_words,
        {{ unnest_split('measure_word.parts', '[|]') }} as part
    from {{ ref('measure_word') }} as measure_word
    inner join {{ ref('measure') }} as measure on measure_word.measure = measure.measure and measure.is_computed
),

star as (
    select string_agg('(?:' || word || ')', '|' order by word) as word
    from {{ ref('computed_word') }}
    where part = 'star'
),

said as (
    select
        block_words.file_key,
        block_words.sheet_index,
        block_words.block_row,
        bool_and(coalesce({{ matches('block_words.text_key', 'star.word') }}, false)) as names_star
    from {{ ref('stg_yearbook__block_words') }} as block_words
    inner join words
        on
            block_words.part = words.part
            and {{ matches_beside('block_words.text_key', 'words.word', 'words.except_words') }}
    cross join star
    group by block_words.file_key, block_words.sheet_index, block_words.block_row
),

starred as (
    select distinct
        said.file_key,
        said.sheet_index,
        said.block_row
    from said
    inner join {{ ref('stg_yearbook__block') }} as block
        on
            said.file_key = block.file_key
            and said.sheet_index = block.sheet_index
            and said.block_row = block.block_row
    inner join {{ ref('stg_yearbook__cell') }} as cell
        on
            said.file_key = cell.file_key
            and said.sheet_index = cell.sheet_index
            and block.heading_end_row < cell.row_number
            and block.end_row >= cell.row_number
    where said.names_star and cell.kind = 'text' and right(cell.text_key, 1) = '*' and length(cell.text_key) > 1
)

select
    said.file_key,
    said.sheet_index,
    said.block_row,
    -- A star that was lost on the way marks nothing: then any of them may be computed.
    starred.file_key is not null as is_by_star
from said
left join starred
    on
        said.file_key = starred.file_key
        and said.sheet_index = starred.sheet_index
        and said.block_row = starred.block_row
