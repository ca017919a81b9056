-- One row per block and measure that its words name: per head, share, growth, constant prices, ... (seed measure_word).
-- 人口及构成 names the level beside the share, so that it is left to the headings to tell them apart.
with words as (
    select
        measure,
        word,
        coalesce(except_words || '|', '') || '(及其?|以及|和|与|、|/|,)(' || word || ')' as except_words,
        {{ unnest_split('parts', '[|]') }} as part
    from {{ ref('measure_word') }}
),

texts as (
    select distinct
        part,
        text_key as text
    from {{ ref('stg_yearbook__block_words') }}
    where part <> 'folder'
),

found as (
    select
        texts.part,
        texts.text,
        words.measure
    from texts
    inner join words
        on
            texts.part = words.part
            and {{ matches_beside('texts.text', 'words.word', 'words.except_words') }}
)

select distinct
    block_words.file_key,
    block_words.sheet_index,
    block_words.block_row,
    found.measure
from {{ ref('stg_yearbook__block_words') }} as block_words
inner join found on block_words.part = found.part and block_words.text_key = found.text
