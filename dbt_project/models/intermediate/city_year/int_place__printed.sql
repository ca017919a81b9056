-- One row per place as printed (name, code, province, year): the city it is, or why it is none.
-- A code decides where there is one; else the name, told apart by province and then by year.
with printed as (
    select distinct
        name_key,
        city_code_printed,
        province_key,
        statistic_year
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
),

located as (
    select
        printed.*,
        row_province.province_code,
        coalesce(named_province.province_code is not null or aggregate_name.name_key is not null, false)
            as names_aggregate
    from printed
    left join province_name as row_province on printed.province_key = row_province.name_key
    left join province_name as named_province on printed.name_key = named_province.name_key
    left join {{ ref('aggregate_name') }} as aggregate_name on printed.name_key = aggregate_name.name_key
),

code_of as (
    select
        code_at_time as printed_code,
        min(city_code) as city_code
    from {{ ref('city_status') }}
    group by code_at_time
    having count(distinct city_code) = 1
),

alias as (
    select
        {{ text_key('alias') }} as name_key,
        city_alias.city_code,
        city_alias.year_from,
        city_alias.year_to,
        city.province_code
    from {{ ref('city_alias') }} as city_alias
    inner join {{ ref('city') }} as city on city_alias.city_code = city.city_code
),

named as (
    select
        located.name_key,
        located.city_code_printed,
        located.province_key,
        located.statistic_year,
        count(distinct alias.city_code) as candidates,
        min(alias.city_code) as only_candidate,
        count(distinct alias.city_code) filter (
            where located.statistic_year between coalesce(alias.year_from, 0) and coalesce(alias.year_to, 9999)
        ) as candidates_in_year,
        min(alias.city_code) filter (
            where located.statistic_year between coalesce(alias.year_from, 0) and coalesce(alias.year_to, 9999)
        ) as only_candidate_in_year
    from located
    inner join alias
        on
            located.name_key = alias.name_key
            and (located.province_code is null or located.province_code = alias.province_code)
    group by located.name_key, located.city_code_printed, located.province_key, located.statistic_year
),

matched as (
    select
        located.*,
        code_of.city_code as city_by_code,
        case
            when named.candidates = 1 then named.only_candidate
            when named.candidates_in_year = 1 then named.only_candidate_in_year
        end as city_by_name,
        coalesce(named.candidates, 0) as candidates
    from located
    left join code_of on located.city_code_printed = code_of.printed_code
    left join named
        on
            located.name_key is not distinct from named.name_key
            and located.city_code_printed is not distinct from named.city_code_printed
            and located.province_key is not distinct from named.province_key
            and located.statistic_year = named.statistic_year
)

select
    matched.name_key,
    matched.city_code_printed,
    matched.province_key,
    matched.statistic_year,
    matched.names_aggregate,
    case
        when matched.city_by_code <> matched.city_by_name then 'code_and_name_disagree'
        when coalesce(matched.city_by_code, matched.city_by_name) is null then
            case
                when matched.names_aggregate then 'aggregate'
                when regexp_matches(coalesce(matched.city_code_printed, ''), '^[0-9]{4}([1-9][0-9]|[0-9][1-9])$')
                    then 'county_level'
                when matched.candidates > 1 then 'ambiguous_city'
                else 'unknown_city'
            end
        when
            matched.statistic_year < coalesce(city.first_year, 0)
            or matched.statistic_year > coalesce(city.last_year, 9999)
            then 'city_not_in_existence'
    end as reason,
    city.city_code
from matched
left join {{ ref('city') }} as city
    on coalesce(matched.city_by_code, matched.city_by_name) = city.city_code
