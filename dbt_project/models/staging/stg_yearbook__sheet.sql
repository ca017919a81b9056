-- One row per sheet of a loaded file: which source it is, its edition and the year it reports on.
with sheets as (
    select
        file_key,
        sheet_index,
        sheet_name,
        count(*) as cells
    from {{ source('raw', 'yearbook_cell') }}
    group by file_key, sheet_index, sheet_name
),

files as (
    select * from {{ source('raw', 'yearbook_file') }}
    where status = 'loaded'
),

-- The year as the page itself states it: a yearbook named in a source line, or a year in a title.
stated as (
    select
        file_key,
        sheet_index,
        max(try_cast({{ first_match(text_key('text'), '年鉴[^0-9]{0,3}((?:19|20)[0-9]{2})') }} as integer)) as edition,
        min(try_cast({{ first_match(text_key('text'), '^[^0-9]{0,6}((?:19|20)[0-9]{2})年') }} as integer))
        -- 2014年 further right is the year of a row or column, not the page's.
        filter (where row_number <= 3 and (column_number = 1 or length(text) > 6)) as statistic_year
    from {{ source('raw', 'yearbook_cell') }}
    where kind = 'text' and (text like '%年鉴%' or (row_number <= 3 and text like '%年%'))
    group by file_key, sheet_index
),

-- What the page says of itself: its first rows, and lines that name a yearbook.
page_words as (
    select
        file_key,
        sheet_index,
        string_agg({{ text_key('text') }}, chr(10) order by row_number, column_number) as words
    from {{ source('raw', 'yearbook_cell') }}
    where
        kind = 'text'
        and length(text) <= 200
        and (row_number <= 6 or text like '%年鉴%' or lower(text) like '%yearbook%')
    group by file_key, sheet_index
),

candidates as (
    select
        sheets.file_key,
        sheets.sheet_index,
        sheets.sheet_name,
        sheets.cells,
        files.relative_path,
        files.declared_edition,
        files.declared_statistic_year,
        files.declared_publisher,
        {{ text_key("coalesce(files.citation, '')") }} as citation_key,
        source_rule.source_id,
        source_rule.decision,
        source_rule.publisher,
        source_rule.priority,
        source_rule.indicator_code,
        source_rule.unit,
        source_rule.edition,
        source_rule.reason,
        row_number() over (
            partition by sheets.file_key, sheets.sheet_index
            order by source_rule.match_order
        ) as match_rank
    from sheets
    inner join files on sheets.file_key = files.file_key
    left join page_words
        on sheets.file_key = page_words.file_key and sheets.sheet_index = page_words.sheet_index
    inner join {{ ref('source_rule') }} as source_rule
        on
            {{ matches('files.relative_path', 'source_rule.file_pattern') }}
            and {{ matches('sheets.sheet_name', 'source_rule.sheet_pattern') }}
            -- A page can be known by its own words, or by the citation that the operator declared.
            and (
                source_rule.page_pattern is null
                or {{ matches(
                    text_key("coalesce(files.citation, '')") ~ " || chr(10) || coalesce(page_words.words, '')",
                    'source_rule.page_pattern'
                ) }}
            )
),

dated as (
    select
        candidates.*,
        coalesce(
            candidates.declared_edition,
            try_cast({{ first_match('candidates.relative_path', '年鉴[^0-9]{0,3}((?:19|20)[0-9]{2})') }} as integer),
            try_cast({{ first_match('candidates.relative_path', '((?:19|20)[0-9]{2})[^0-9]{0,8}年鉴') }} as integer),
            candidates.edition,
            try_cast({{ first_match(
                'candidates.citation_key', '(?:年鉴|yearbook)[^0-9]{0,3}((?:19|20)[0-9]{2})'
            ) }} as integer),
            stated.edition
        ) as resolved_edition,
        stated.statistic_year as stated_statistic_year
    from candidates
    left join stated
        on candidates.file_key = stated.file_key and candidates.sheet_index = stated.sheet_index
    where candidates.match_rank = 1
)

select
    file_key,
    sheet_index,
    sheet_name,
    relative_path,
    source_id,
    decision,
    reason,
    coalesce(declared_publisher, publisher) as publisher,
    priority,
    indicator_code as sheet_indicator_code,
    unit as sheet_unit,
    resolved_edition as edition,
    -- A yearbook carries the year before its own.
    coalesce(declared_statistic_year, stated_statistic_year, resolved_edition - 1) as sheet_statistic_year,
    cells
from dated
