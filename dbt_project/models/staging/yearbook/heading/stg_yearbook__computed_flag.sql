-- One row per column that says of figures whether their compiler computed them (是否插值, 常住人口_插值标记): of which
-- column, or of the whole row where it names none. The words are a seed (computed_word).
with flag_word as (
    select string_agg('(?:' || word || ')', '|' order by word) as word
    from {{ ref('computed_word') }}
    where part = 'heading'
),

flags as (
    select
        paths.file_key,
        paths.sheet_index,
        paths.block_row,
        paths.column_number,
        {{ without_matches('paths.heading_key', 'flag_word.word') }} as flagged_key
    from {{ ref('stg_yearbook__heading_path') }} as paths
    inner join flag_word on {{ matches('paths.heading_key', 'flag_word.word') }}
)

select
    flags.file_key,
    flags.sheet_index,
    flags.block_row,
    flags.column_number,
    min(flagged.column_number) as flagged_column
from flags
left join {{ ref('stg_yearbook__heading_path') }} as flagged
    on
        flags.file_key = flagged.file_key
        and flags.sheet_index = flagged.sheet_index
        and flags.block_row = flagged.block_row
        and flags.flagged_key = flagged.heading_key
        and flags.flagged_key <> ''
group by flags.file_key, flags.sheet_index, flags.block_row, flags.column_number
