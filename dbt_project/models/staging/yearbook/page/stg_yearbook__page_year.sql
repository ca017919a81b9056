-- One row per year that words outside the tables print, with its kind: period, edition, base of prices, note, ...
with texts as (
    select distinct text_key as text
    from {{ ref('stg_yearbook__page_part') }}
),

words as (
    {{ year_words('texts') }}
)

select distinct
    part.file_key,
    part.sheet_index,
    part.part,
    part.part_order,
    words.year,
    words.kind
from {{ ref('stg_yearbook__page_part') }} as part
inner join words on part.text_key = words.text
