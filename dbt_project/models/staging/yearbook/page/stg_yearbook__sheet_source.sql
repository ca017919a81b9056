-- One row per sheet of a loaded file: which source it is, by the first rule that fits its path, its tab, its words and
-- how it is built. A page that only cites a yearbook and has a row per city and year was compiled from it.
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

-- A column of years in its heading is how panels are built; a page of a yearbook reports on one year.
panels as (
    select distinct
        cell.file_key,
        cell.sheet_index
    from {{ source('raw', 'yearbook_cell') }} as cell
    inner join {{ ref('heading') }} as heading
        on
            {{ text_key('cell.text') }} = heading.heading_key
            and heading.role = 'year'
            and heading.source_id = '*'
    where cell.kind = 'text' and cell.row_number <= 12 and length(cell.text) <= 12
),

matched as (
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
        source_rule.edition as rule_edition,
        source_rule.vocabulary,
        source_rule.default_scope,
        source_rule.year_lag,
        source_rule.names_as_of,
        source_rule.reason,
        row_number() over (
            partition by sheets.file_key, sheets.sheet_index
            order by source_rule.match_order
        ) as match_rank
    from sheets
    inner join files on sheets.file_key = files.file_key
    left join page_words
        on sheets.file_key = page_words.file_key and sheets.sheet_index = page_words.sheet_index
    left join panels
        on sheets.file_key = panels.file_key and sheets.sheet_index = panels.sheet_index
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
            -- What the operator declares is not for the page to deny.
            and (
                source_rule.structure is null
                or (
                    panels.file_key is not null
                    and not {{ matches(text_key("coalesce(files.citation, '')"), 'source_rule.page_pattern') }}
                )
            )
)

select
    file_key,
    sheet_index,
    sheet_name,
    relative_path,
    cells,
    source_id,
    -- Whose headings are its headings.
    coalesce(vocabulary, source_id) as vocabulary,
    decision,
    reason,
    coalesce(declared_publisher, publisher) as publisher,
    priority,
    indicator_code,
    unit,
    declared_edition,
    declared_statistic_year,
    rule_edition,
    citation_key,
    default_scope,
    year_lag,
    names_as_of
from matched
where match_rank = 1
