-- One row per cell that is what a column of cities is called, or, on a page about one city, of years or indicators:
-- where a table may begin. What the sheet's own source maps to something else is no such word.
with key_headings as (
    select distinct
        source_id,
        heading_key,
        role in ('city', 'city_code', 'region') as names_city
    from {{ ref('heading') }}
    -- A page about one city has no heading of cities: its table begins with its years or indicators.
    where role in ('city', 'city_code', 'region', 'year', 'indicator')
),

other_headings as (
    select distinct
        source_id,
        heading_key
    from {{ ref('heading') }}
    where source_id <> '*' and role in ('value', 'ignore')
),

-- Pages repeat their words: each is read once.
key_words as (
    select distinct
        cell_text.text,
        key_headings.heading_key,
        key_headings.source_id,
        key_headings.names_city
    from (
        select distinct text
        from {{ ref('stg_yearbook__cell') }}
        where kind = 'text' and length(text) <= 60
    ) as cell_text
    inner join key_headings
        on {{ heading_key('cell_text.text') }} = key_headings.heading_key
)

select
    cell.file_key,
    cell.sheet_index,
    cell.row_number,
    cell.column_number,
    max(cell.row_number + coalesce(cell.row_span, 1) - 1) as last_row
from {{ ref('stg_yearbook__cell') }} as cell
inner join {{ ref('stg_yearbook__sheet') }} as sheet
    on cell.file_key = sheet.file_key and cell.sheet_index = sheet.sheet_index
inner join key_words
    on cell.text = key_words.text and key_words.source_id in (sheet.vocabulary, '*')
left join other_headings
    on key_words.heading_key = other_headings.heading_key and sheet.vocabulary = other_headings.source_id
left join {{ ref('stg_yearbook__lone_city') }} as lone_city
    on cell.file_key = lone_city.file_key and cell.sheet_index = lone_city.sheet_index
where
    cell.kind = 'text'
    and (key_words.names_city or lone_city.file_key is not null)
    and (other_headings.heading_key is null or key_words.source_id <> '*')
group by cell.file_key, cell.sheet_index, cell.row_number, cell.column_number
