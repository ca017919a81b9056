-- One row per place as printed (name, code, province, year): the city it is, or why it is none.
-- A code decides where there is one; else the name, told apart by province and then by year.
with printed as (
    select distinct
        name_key,
        city_code_printed,
        province_key,
        running_province_key,
        statistic_year,
        has_names_of_year
    from {{ ref('stg_yearbook__observation') }}
),

province_name as (
    select
        province_code,
        {{ text_key('name_zh') }} as name_key
    from {{ ref('province') }}
    union
    select
        province_code,
        {{ text_key('short_zh') }} as name_key
    from {{ ref('province') }}
    union
    select
        province_code,
        {{ text_key('name_en') }} as name_key
    from {{ ref('province') }}
),

-- 河北省合计, 合计(河北), Hebei Total: a province beside a word for totals.
total_name as (
    select name_key from {{ ref('aggregate_name') }}
    union
    select
        unnest([
            province_name.name_key || aggregate_name.name_key,
            aggregate_name.name_key || province_name.name_key,
            province_name.name_key || '(' || aggregate_name.name_key || ')',
            aggregate_name.name_key || '(' || province_name.name_key || ')'
        ]) as name_key
    from province_name
    cross join {{ ref('aggregate_name') }} as aggregate_name
),

printed_alias as (
    select
        {{ text_key('alias') }} as name_key,
        city_alias.city_code,
        city_alias.year_from,
        city_alias.year_to,
        city.province_code,
        case when city_alias.province_zh is not null then city.province_code end as only_in_province_code
    from {{ ref('city_alias') }} as city_alias
    inner join {{ ref('city') }} as city on city_alias.city_code = city.city_code
),

english_name as (
    select
        city_code,
        province_code,
        {{ without_matches(text_key('name_en'), "'[^a-z]'") }} as name_key
    from {{ ref('city') }}
),

name_ending as (
    select unnest(['', 'city', 'shi', 'municipality']) as ending
),

-- English pages print Xi'an, Xian, Xi'an City.
alias as (
    select * from printed_alias
    union
    select
        english_name.name_key || name_ending.ending as name_key,
        english_name.city_code,
        null as year_from,
        null as year_to,
        english_name.province_code,
        null as only_in_province_code
    from english_name
    cross join name_ending
),

located as (
    select
        printed.*,
        row_number() over (
            order by
                printed.name_key, printed.city_code_printed, printed.province_key,
                printed.running_province_key, printed.statistic_year, printed.has_names_of_year
        ) as printed_id,
        row_province.province_code as stated_province_code,
        hint_province.province_code as hinted_province_code,
        (named_province.province_code is not null or total_name.name_key is not null)
        -- A province's short name may be its city's as well: then it is ambiguous, not a total.
        and not exists (
            select 1
            from alias
            where alias.name_key = printed.name_key || '市'
        ) as names_aggregate,
        named_province.province_code is not null as names_province
    from printed
    left join province_name as row_province on printed.province_key = row_province.name_key
    left join province_name as hint_province on printed.running_province_key = hint_province.name_key
    left join province_name as named_province on printed.name_key = named_province.name_key
    left join total_name on printed.name_key = total_name.name_key
),

-- A code can have had two owners: the one of that year counts, else the only one there ever was.
code_of as (
    select
        located.printed_id,
        coalesce(
            min(status.city_code) filter (
                where located.statistic_year between status.year_from and coalesce(status.year_to, 9999)
            ),
            case when count(distinct status.city_code) = 1 then min(status.city_code) end
        ) as city_code
    from located
    inner join {{ ref('city_status') }} as status on located.city_code_printed = status.code_at_time
    group by located.printed_id
),

candidate as (
    select
        located.printed_id,
        alias.city_code,
        coalesce(
            alias.province_code = coalesce(located.stated_province_code, located.hinted_province_code), false
        ) as in_province,
        located.statistic_year >= coalesce(alias.year_from, 0)
        and located.statistic_year <= coalesce(alias.year_to, 9999) as in_year
    from located
    inner join alias
        on
            case
                when {{ matches('located.name_key', "'^[a-z]'") }}
                    then {{ without_matches('located.name_key', "'[^a-z]'") }}
                else located.name_key
            end = alias.name_key
            -- A name that needs its province counts only where the page states it.
            and (alias.only_in_province_code is null or located.stated_province_code = alias.only_in_province_code)
),

named as (
    select
        printed_id,
        count(distinct city_code) as candidates,
        min(city_code) as city_code,
        count(distinct city_code) filter (where in_province) as candidates_in_province,
        min(city_code) filter (where in_province) as city_code_in_province,
        count(distinct city_code) filter (where in_province and in_year) as candidates_in_province_and_year,
        min(city_code) filter (where in_province and in_year) as city_code_in_province_and_year,
        count(distinct city_code) filter (where in_year) as candidates_in_year,
        min(city_code) filter (where in_year) as city_code_in_year
    from candidate
    group by printed_id
),

matched as (
    select
        located.*,
        code_of.city_code as city_by_code,
        coalesce(named.candidates, 0) as candidates,
        case
            when named.candidates = 1 then named.city_code
            when named.candidates_in_province = 1 then named.city_code_in_province
            when named.candidates_in_province_and_year = 1 then named.city_code_in_province_and_year
            when named.candidates_in_province = 0 and named.candidates_in_year = 1 then named.city_code_in_year
        end as city_by_name
    from located
    left join code_of on located.printed_id = code_of.printed_id
    left join named on located.printed_id = named.printed_id
)

select
    matched.name_key,
    matched.city_code_printed,
    matched.province_key,
    matched.running_province_key,
    matched.statistic_year,
    matched.has_names_of_year,
    case
        when matched.city_by_code <> matched.city_by_name then 'code_and_name_disagree'
        when coalesce(matched.city_by_code, matched.city_by_name) is null
            then
                case
                    when matched.names_aggregate then 'aggregate'
                    when {{ matches("coalesce(matched.city_code_printed, '')", "'^[0-9]{4}([1-9][0-9]|0[1-9])$'") }}
                        then 'county_level'
                    when matched.candidates > 1 or matched.names_province then 'ambiguous_city'
                    else 'unknown_city'
                end
        when matched.city_by_code is null and matched.stated_province_code <> city.province_code
            then 'name_and_province_disagree'
        when
            matched.statistic_year < coalesce(city.first_year, 0)
            or matched.statistic_year > coalesce(city.last_year, 9999)
            then 'city_not_in_existence'
        -- 毕节市 was a county-level city of the prefecture 毕节地区 until 2011.
        when
            matched.city_by_code is null
            and matched.has_names_of_year
            and status.level = 'prefecture'
            and not {{ matches("coalesce(matched.name_key, '')", "'(地区|盟|州|prefecture)$'") }}
            then 'not_yet_a_city'
    end as reason,
    city.city_code
from matched
left join {{ ref('city') }} as city
    on coalesce(matched.city_by_code, matched.city_by_name) = city.city_code
left join {{ ref('city_status') }} as status
    on
        city.city_code = status.city_code
        and matched.statistic_year between status.year_from and coalesce(status.year_to, 9999)
