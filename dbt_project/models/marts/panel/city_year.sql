-- The wide panel, one row per city x year: its columns are those that the contract beside it declares.
-- `meta` of a column says which indicator and scope, index, or efficiency it is.
-- The linter does not see the contract, and so not the columns that the loops make of it.
-- noqa: disable=LT02,ST11
with city_years as (
    select distinct
        city_code,
        year
    from {{ ref('indicator_value') }}
),

-- `case` and not `filter`: with a hundred aggregates over the same rows DuckDB takes four times as long for the latter.
figures as (
    select
        city_code,
        year,
        bool_or(is_imputed) as has_imputed_figure
        {%- for column in contract_columns('indicator_code') %},
        max(
            case
                when indicator_code = '{{ column.meta.indicator_code }}' and scope = '{{ column.meta.scope }}'
                    then value
            end
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

efficiency as (
    select
        city_code,
        year
        {%- for column in contract_columns('efficiency_variant') %},
        max(score) filter (
            where model_id = '{{ column.meta.efficiency_model }}' and variant = '{{ column.meta.efficiency_variant }}'
        ) as {{ column.name }}
        {%- endfor %}
    from {{ ref('efficiency_score') }}
    group by city_code, year
),

changes as (
    select
        city_code,
        year
        {%- for column in contract_columns('productivity_variant') %},
        max({{ column.meta.productivity_measure }}) filter (
            where model_id = '{{ column.meta.productivity_model }}' and variant = '{{ column.meta.productivity_variant }}'
        ) as {{ column.name }}
        {%- endfor %}
    from {{ ref('productivity') }}
    group by city_code, year
),
{%- set marks = [('suspect', 'has_suspect_figure'), ('imputed', 'is_imputed')] %}

-- Columns of the panel whose value fails a check or is interpolated, or is made of a figure that does or is.
{%- for mark, flag in marks %}
{{ mark }} as (
    select
        city_code,
        year,
        string_agg(column_name, ', ' order by column_name) as {{ mark }}_columns
    from (
        select
            city_code,
            year,
            case
                when false then null
                {%- for column in contract_columns('indicator_code') %}
                when indicator_code = '{{ column.meta.indicator_code }}' and scope = '{{ column.meta.scope }}'
                    then '{{ column.name }}'
                {%- endfor %}
            end as column_name
        from {{ ref('indicator_value') }}
        where {{ flag }}
        union all
        select
            city_code,
            year,
            case
                when false then null
                {%- for column in contract_columns('index_id') %}
                when index_id = '{{ column.meta.index_id }}' then '{{ column.name }}'
                {%- endfor %}
            end as column_name
        from {{ ref('index_score') }}
        where {{ flag }} and score is not null
        union all
        select
            city_code,
            year,
            case
                when false then null
                {%- for column in contract_columns('efficiency_variant') %}
                when
                    model_id = '{{ column.meta.efficiency_model }}'
                    and variant = '{{ column.meta.efficiency_variant }}'
                    then '{{ column.name }}'
                {%- endfor %}
            end as column_name
        from {{ ref('efficiency_score') }}
        where {{ flag }} and score is not null
        {%- for column in contract_columns('productivity_variant') %}
        union all
        select
            city_code,
            year,
            '{{ column.name }}' as column_name
        from {{ ref('productivity') }}
        where
            {{ flag }}
            and {{ column.meta.productivity_measure }} is not null
            and model_id = '{{ column.meta.productivity_model }}'
            and variant = '{{ column.meta.productivity_variant }}'
        {%- endfor %}
    ) as flagged
    where column_name is not null
    group by city_code, year
),
{%- endfor %}

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
    city.longitude,
    city.latitude,
    district_changes.city_code is not null as has_district_change,
    size.city_size_class,
    size.is_large_city
    {%- for column in contract_columns('indicator_code') %},
    figures.{{ column.name }}
    {%- endfor %}
    {%- for column in contract_columns('index_id') %},
    scores.{{ column.name }}
    {%- endfor %}
    {%- for column in contract_columns('efficiency_variant') %},
    efficiency.{{ column.name }}
    {%- endfor %}
    {%- for column in contract_columns('productivity_variant') %},
    changes.{{ column.name }}
    {%- endfor %},
    figures.has_imputed_figure,
    imputed.imputed_columns,
    suspect.suspect_columns is not null as has_suspect_figure,
    suspect.suspect_columns,
    version.data_kind
from city_years
inner join {{ ref('dim_city') }} as city on city_years.city_code = city.city_code
left join {{ ref('city_status') }} as status
    on
        city_years.city_code = status.city_code
        and city_years.year between status.year_from and coalesce(status.year_to, 9999)
inner join figures on city_years.city_code = figures.city_code and city_years.year = figures.year
left join {{ ref('city_size') }} as size
    on city_years.city_code = size.city_code and city_years.year = size.year
left join scores on city_years.city_code = scores.city_code and city_years.year = scores.year
left join efficiency
    on city_years.city_code = efficiency.city_code and city_years.year = efficiency.year
left join changes on city_years.city_code = changes.city_code and city_years.year = changes.year
left join imputed on city_years.city_code = imputed.city_code and city_years.year = imputed.year
left join suspect on city_years.city_code = suspect.city_code and city_years.year = suspect.year
left join district_changes
    on city_years.city_code = district_changes.city_code and city_years.year = district_changes.year
cross join {{ ref('dataset_version') }} as version
