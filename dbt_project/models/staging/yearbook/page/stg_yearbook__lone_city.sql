-- One row per sheet that is about one city alone: no heading names cities; its title, its tab or its file names one.
-- A sheet in which a second city is named, as a title or in a cell of its own, is about none.
with sheets_with_cities as (
    select
        file_key,
        sheet_index
    from {{ ref('stg_yearbook__named_cell') }}
    where role in ('city', 'city_code', 'city_en')
    union
    select
        file_key,
        sheet_index
    from {{ ref('stg_yearbook__region') }}
),

page as (
    select
        sheet.file_key,
        sheet.sheet_index,
        sheet.sheet_name,
        sheet.relative_path
    from {{ ref('stg_yearbook__sheet') }} as sheet
    left join sheets_with_cities as with_cities
        on sheet.file_key = with_cities.file_key and sheet.sheet_index = with_cities.sheet_index
    where
        sheet.decision = 'load'
        and sheet.cells <= 200000
        and with_cities.file_key is null
),

-- Where a page says what it is about: the first that names a city is believed.
phrase as (
    select
        page.file_key,
        page.sheet_index,
        1 as phrase_order,
        cell.text
    from page
    inner join {{ source('raw', 'yearbook_cell') }} as cell
        on page.file_key = cell.file_key and page.sheet_index = cell.sheet_index
    where cell.kind = 'text' and length(cell.text) between 2 and 60
    union all
    select
        file_key,
        sheet_index,
        2 as phrase_order,
        sheet_name as text
    from page
    union all
    select
        file_key,
        sheet_index,
        3 as phrase_order,
        {{ without_match('relative_path', '^.*/') }} as text
    from page
),

alias as (
    select distinct
        {{ text_key('alias') }} as name_key,
        city_code,
        {{ matches('alias', "'(市|州|盟|地区)$'") }} as is_full
    from {{ ref('city_alias') }}
    where kind <> 'province_prefixed' and length(alias) > 1
),

phrase_key as (
    select
        text,
        {{ without_match(text_key('text'), '^表?[0-9]+[-.—_][0-9]+|^[^\\p{Han}a-z]+') }} as text_key
    from (select distinct text from phrase) as phrase_text
),

-- A full name counts anywhere, a short one where the phrase begins with it and goes on as a title does.
found as (
    select
        phrase_key.text,
        alias.name_key,
        alias.city_code,
        substr(phrase_key.text_key, strpos(phrase_key.text_key, alias.name_key) + length(alias.name_key))
            as what_follows
    from phrase_key
    inner join alias
        on
            contains(phrase_key.text_key, alias.name_key)
            and (
                alias.is_full
                or (
                    starts_with(phrase_key.text_key, alias.name_key)
                    and {{ matches(
                        'substr(phrase_key.text_key, length(alias.name_key) + 1)',
                        "'^($|[0-9(._ -]|历年|主要|统计|国民|经济|社会|基本|年鉴|人口|地区生产总值|gdp)'"
                    ) }}
                )
            )
),

-- 吉林市 in 吉林市..., not 吉林 in it: of names within each other the longest counts.
longest as (
    select
        found.text,
        found.name_key,
        found.city_code,
        -- 石家庄市长安区 is a part of the city, and so are its counties.
        {{ matches(
            without_match('found.what_follows', '地区生产总值|全市'),
            "'^[^,，。;；(]{0,8}(区|县|旗|镇|乡)'"
        ) }} as is_part
    from found
    where
        not exists (
            select 1
            from found as longer
            where
                longer.text = found.text
                and length(longer.name_key) > length(found.name_key)
                and contains(longer.name_key, found.name_key)
        )
),

naming as (
    select
        phrase.file_key,
        phrase.sheet_index,
        phrase.phrase_order,
        longest.name_key,
        longest.city_code,
        longest.is_part
    from phrase
    inner join longest on phrase.text = longest.text
),

first_naming as (
    select
        *,
        min(phrase_order) over (partition by file_key, sheet_index) as first_order
    from naming
)

select
    file_key,
    sheet_index,
    min_by(name_key, -length(name_key)) as city_name
from first_naming
where phrase_order = first_order
group by file_key, sheet_index
having count(distinct city_code) = 1 and not bool_or(is_part)
