-- One row per block of which title, tab, file or folder says a scope (ranks: seed page_part): the scope, or that they
-- contradict each other. A part that names the whole city and its districts speaks for neither; the headings must.
with texts as (
    select distinct block_words.text_key as text
    from {{ ref('stg_yearbook__block_words') }} as block_words
    inner join {{ ref('page_part') }} as page_part
        on block_words.part = page_part.part and page_part.scope_rank is not null
),

words as (
    {{ joined_words('scope_word', ['scope']) }}
),

found as (
    select
        texts.text,
        words.scope
    from texts
    inner join words on {{ matches('texts.text', 'words.word') }}
),

said as (
    select
        block_words.file_key,
        block_words.sheet_index,
        block_words.block_row,
        block_words.part,
        page_part.scope_rank,
        min(found.scope) as scope,
        count(distinct found.scope) as scopes,
        bool_or(found.scope = 'county') as names_counties
    from {{ ref('stg_yearbook__block_words') }} as block_words
    inner join {{ ref('page_part') }} as page_part
        on block_words.part = page_part.part and page_part.scope_rank is not null
    inner join found on block_words.text_key = found.text
    group by
        block_words.file_key, block_words.sheet_index, block_words.block_row, block_words.part, page_part.scope_rank
),

ranked as (
    select
        *,
        min(case when scopes = 1 then scope_rank end) over (partition by file_key, sheet_index, block_row) as first_rank
    from said
)

select
    file_key,
    sheet_index,
    block_row,
    case
        when count(distinct scope) filter (where scopes = 1 and scope_rank = first_rank) = 1
            then min(scope) filter (where scopes = 1 and scope_rank = first_rank)
    end as scope,
    count(distinct scope) filter (where scopes = 1 and scope_rank = first_rank) > 1 as is_contradicted,
    bool_or(scopes > 1) as names_several,
    bool_or(names_counties) as names_counties
from ranked
group by file_key, sheet_index, block_row
