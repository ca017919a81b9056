-- One row per row, and column where a flag names one, of which a column of flags says something: whether its
-- figures were computed by the compiler, or that nobody knows the word. The words are a seed (computed_word).
with cells as (
    select
        flags.file_key,
        flags.sheet_index,
        flags.flagged_column,
        cell.row_number,
        cell.text_key
    from {{ ref('stg_yearbook__computed_flag') }} as flags
    inner join {{ ref('stg_yearbook__block') }} as block
        on
            flags.file_key = block.file_key
            and flags.sheet_index = block.sheet_index
            and flags.block_row = block.block_row
    inner join {{ ref('stg_yearbook__cell') }} as cell
        on
            flags.file_key = cell.file_key
            and flags.sheet_index = cell.sheet_index
            and flags.column_number = cell.column_number
            and block.heading_end_row < cell.row_number
            and block.end_row >= cell.row_number
),

words as (
    select
        texts.text_key,
        bool_or(computed_word.says = 'computed') as is_computed
    from (select distinct text_key from cells) as texts
    inner join {{ ref('computed_word') }} as computed_word
        on computed_word.part = 'cell' and {{ matches('texts.text_key', 'computed_word.word') }}
    group by texts.text_key
)

select
    cells.file_key,
    cells.sheet_index,
    cells.row_number,
    cells.flagged_column,
    coalesce(bool_or(words.is_computed), false) as is_computed,
    bool_or(words.text_key is null) as has_unknown_word
from cells
left join words on cells.text_key = words.text_key
group by cells.file_key, cells.sheet_index, cells.row_number, cells.flagged_column
