-- One row per cell that names a city, or what a column of names, codes, years or indicators is called, where it is
-- printed. It is asked where a page is arranged in another way than a row per city.
with sheets as (
    select
        file_key,
        sheet_index,
        vocabulary
    from {{ ref('stg_yearbook__sheet') }}
    -- Such pages are made to be looked at: to search a file of millions of cells would cost and find nothing.
    where decision = 'load' and cells <= 200000
),

city_name as (
    select
        {{ text_key('alias') }} as name_key,
        min(city_code) as city_code
    from {{ ref('city_alias') }}
    group by {{ text_key('alias') }}
),

key_word as (
    select distinct
        source_id,
        heading_key,
        role
    from {{ ref('heading') }}
    where
        table_pattern is null
        and role not in ('figure', 'category')
        -- A word of any source is none of a source that maps it to something else.
        and (source_id <> '*' or role not in ('value', 'ignore'))
),

-- Pages repeat their words: each is read once.
texts as (
    select
        printed.text,
        city_name.city_code,
        {{ heading_key('printed.text') }} as heading_key
    from (
        select distinct cell.text
        from {{ source('raw', 'yearbook_cell') }} as cell
        inner join sheets on cell.file_key = sheets.file_key and cell.sheet_index = sheets.sheet_index
        where cell.kind = 'text' and length(cell.text) <= 60
    ) as printed
    left join city_name on {{ without_name_marks(text_key('printed.text')) }} = city_name.name_key
),

words as (
    select
        texts.text,
        texts.city_code,
        texts.heading_key,
        key_word.source_id,
        key_word.role
    from texts
    left join key_word on texts.heading_key = key_word.heading_key
    where texts.city_code is not null or key_word.role is not null or texts.heading_key in ('序号', '编号')
),

named as (
    select
        cell.file_key,
        cell.sheet_index,
        cell.row_number,
        cell.column_number,
        words.city_code,
        words.heading_key,
        min_by(words.role, (words.source_id = '*')::integer) filter (where words.role is not null) as role
    from {{ source('raw', 'yearbook_cell') }} as cell
    inner join sheets on cell.file_key = sheets.file_key and cell.sheet_index = sheets.sheet_index
    inner join words
        on
            cell.text = words.text
            and coalesce(words.source_id, '*') in (sheets.vocabulary, '*')
    where cell.kind = 'text'
    group by
        cell.file_key, cell.sheet_index, cell.row_number, cell.column_number, words.city_code, words.heading_key
)

select
    named.file_key,
    named.sheet_index,
    named.row_number,
    named.column_number,
    named.city_code,
    case
        when named.role = 'region' and not exists (
                select 1
                from named as other
                where
                    other.file_key = named.file_key
                    and other.sheet_index = named.sheet_index
                    and other.row_number = named.row_number
                    and other.role = 'city'
            ) then 'city'
        when named.role is not null then named.role
        when named.heading_key in ('序号', '编号') then 'number'
    end as role
from named
where named.city_code is not null or coalesce(named.role, '') not in ('value', 'ignore')
