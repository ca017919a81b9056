-- The wide panel, one row per city x year: its columns are those that the contract beside it declares.
-- `meta` of a column says which indicator and scope, or which index, it is.
-- The linter does not see the contract, and so not the columns that the loops make of it.
-- noqa: disable=LT02,ST11
with city_years as (
    select distinct
        city_code,
        year
    from {{ ref('indicator_value') }}
),

figures as (
    select
        city_code,
        year,
        bool_or(is_imputed) as has_imputed_figure
        {%- for column in contract_columns('indicator_code') %},
        max(value) filter (
            where indicator_code = '{{ column.meta.indicator_code }}' and scope = '{{ column.meta.scope }}'
        ) as {{ column.name }}
        {%- endfor %}
    from {{ ref('indicator_value') }}
    group by city_code, year
),

scores as (
    select
        city_code,
        year
        {%- for column in contract_columns('index_id') %},
        max(score) filter (where index_id = '{{ column.meta.index_id }}') as {{ column.name }}
        {%- endfor %}
    from {{ ref('index_score') }}
    group by city_code, year
),

district_changes as (
    select
        city_code,
        year
    from {{ ref('city_district_change') }}
    where county_to_district_count > 0 or district_merge_count > 0
)

select
    city_years.city_code,
    city_years.year,
    city.name_zh as city_name,
    city.name_en as city_name_en,
    city.province_code,
    city.province_zh as province_name,
    city.region,
    city.region_four,
    status.level,
    city.is_municipality,
    city.is_provincial_capital,
    city.is_subprovincial,
    district_changes.city_code is not null as has_district_change
    {%- for column in contract_columns('indicator_code') %},
    figures.{{ column.name }}
    {%- endfor %}
    {%- for column in contract_columns('index_id') %},
    scores.{{ column.name }}
    {%- endfor %},
    figures.has_imputed_figure,
    version.data_kind
from city_years
inner join {{ ref('dim_city') }} as city on city_years.city_code = city.city_code
left join {{ ref('city_status') }} as status
    on
        city_years.city_code = status.city_code
        and city_years.year between status.year_from and coalesce(status.year_to, 9999)
inner join figures on city_years.city_code = figures.city_code and city_years.year = figures.year
left join scores on city_years.city_code = scores.city_code and city_years.year = scores.year
left join district_changes
    on city_years.city_code = district_changes.city_code and city_years.year = district_changes.year
cross join {{ ref('dataset_version') }} as version
