-- One row per block: the year of its figures that say none themselves, or why there is none. The declaration
-- counts, then title, tab and name of the file, which must agree (ranks: seed page_part), then the edition less the
-- lag of its source.
with texts as (
    select distinct block_words.text_key as text
    from {{ ref('stg_yearbook__block_words') }} as block_words
    inner join {{ ref('page_part') }} as page_part
        on block_words.part = page_part.part and page_part.year_rank is not null
),

words as (
    {{ year_words('texts') }}
),

part_of_year as (
    {{ period_patterns() }}
),

said as (
    select
        block_words.file_key,
        block_words.sheet_index,
        block_words.block_row,
        block_words.part,
        page_part.year_rank,
        words.year,
        coalesce(words.kind, '') as kind,
        {{ names_part_of_year('block_words.text_key') }} as is_part_of_year
    from {{ ref('stg_yearbook__block_words') }} as block_words
    inner join {{ ref('page_part') }} as page_part
        on block_words.part = page_part.part and page_part.year_rank is not null
    left join words on block_words.text_key = words.text
    cross join part_of_year
),

spoken as (
    select
        said.*,
        sheet.edition,
        -- 2-1 2023.csv: a bare year in a name that is the edition says no more than that.
        said.kind = 'period'
        or (said.kind = 'bare' and said.part <> 'file_name')
        or (said.kind = 'bare' and sheet.edition is not null and said.year <> sheet.edition) as is_period
    from said
    inner join {{ ref('stg_yearbook__sheet') }} as sheet
        on said.file_key = sheet.file_key and said.sheet_index = sheet.sheet_index
),

blocks as (
    select
        file_key,
        sheet_index,
        block_row,
        bool_or(is_part_of_year or kind = 'part_year') as is_part_of_year,
        bool_or(kind = 'span') as has_span,
        min(case when is_period then year_rank end) as first_rank
    from spoken
    group by file_key, sheet_index, block_row
),

periods as (
    select
        spoken.file_key,
        spoken.sheet_index,
        spoken.block_row,
        min(spoken.year) as year,
        max(spoken.year) as last_year
    from spoken
    inner join blocks
        on
            spoken.file_key = blocks.file_key
            and spoken.sheet_index = blocks.sheet_index
            and spoken.block_row = blocks.block_row
            and spoken.year_rank = blocks.first_rank
    where spoken.is_period
    group by spoken.file_key, spoken.sheet_index, spoken.block_row
)

select
    block.file_key,
    block.sheet_index,
    block.block_row,
    case
        when sheet.declared_statistic_year is not null then sheet.declared_statistic_year
        when periods.year is null and not coalesce(blocks.has_span, false) then sheet.edition - sheet.year_lag
        when periods.year = periods.last_year and periods.year < coalesce(sheet.edition, 9999) then periods.year
    end as statistic_year,
    case
        when coalesce(blocks.is_part_of_year, false) then 'part_of_a_year'
        when sheet.declared_statistic_year is not null then null
        -- A yearbook carries no year that is not over.
        when periods.year <> periods.last_year or periods.last_year >= sheet.edition then 'year_contradicted'
        when periods.year is null and sheet.has_two_editions then 'edition_contradicted'
    end as reason
from {{ ref('stg_yearbook__block') }} as block
inner join {{ ref('stg_yearbook__sheet') }} as sheet
    on block.file_key = sheet.file_key and block.sheet_index = sheet.sheet_index
left join blocks
    on
        block.file_key = blocks.file_key
        and block.sheet_index = blocks.sheet_index
        and block.block_row = blocks.block_row
left join periods
    on
        block.file_key = periods.file_key
        and block.sheet_index = periods.sheet_index
        and block.block_row = periods.block_row
