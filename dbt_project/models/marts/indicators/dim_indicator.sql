-- One row per indicator: what it is, its unit, how it is made, and the years in which it has figures.
with years as (
    select
        indicator_code,
        min(year) as first_year,
        max(year) as last_year,
        count(*) as figures
    from {{ ref('indicator_value') }}
    group by indicator_code
),

-- The printed indicators that each one is made of; a printed one is made of itself.
inputs as (
    select
        indicator_code,
        indicator_code as input_indicator_code
    from {{ ref('indicator') }}
    where kind = 'printed'
    union all
    select
        indicator_code,
        input_indicator_code
    from {{ ref('derived_term') }}
    union all
    select
        relative.indicator_code,
        term.input_indicator_code
    from {{ ref('relative_indicator') }} as relative
    inner join {{ ref('derived_term') }} as term on relative.base_indicator_code = term.indicator_code
    union all
    select
        deflated.indicator_code,
        coalesce(term.input_indicator_code, deflated.nominal_indicator_code) as input_indicator_code
    from {{ ref('deflated_indicator') }} as deflated
    left join {{ ref('derived_term') }} as term on deflated.nominal_indicator_code = term.indicator_code
    union all
    -- What int_city_year__deflator is made of.
    select
        deflated.indicator_code,
        input.indicator_code as input_indicator_code
    from {{ ref('deflated_indicator') }} as deflated
    inner join {{ ref('indicator') }} as input
        on input.indicator_code in ('gdp', 'gdp_index', 'gdp_growth_rate', 'gdp_deflator')
),

tables as (
    select
        inputs.indicator_code,
        string_agg(distinct input.table_no, ', ' order by input.table_no) as table_no,
        string_agg(distinct input.indicator_code, ', ' order by input.indicator_code) as inputs
    from inputs
    inner join {{ ref('indicator') }} as input on inputs.input_indicator_code = input.indicator_code
    group by inputs.indicator_code
),

kept_sources as (
    select distinct
        indicator_code,
        source_id
    from {{ ref('indicator_value') }}
    where source_id is not null
),

sources as (
    select
        inputs.indicator_code,
        string_agg(distinct kept_sources.source_id, ', ' order by kept_sources.source_id) as sources
    from inputs
    inner join kept_sources on inputs.input_indicator_code = kept_sources.indicator_code
    group by inputs.indicator_code
)

select
    indicator.indicator_code,
    indicator.name_zh,
    indicator.name_en,
    indicator.dimension,
    indicator.direction,
    indicator.unit,
    indicator.price_basis,
    indicator.price_base_year,
    indicator.kind,
    indicator.definition,
    indicator.formula,
    case when indicator.kind <> 'printed' then tables.inputs end as inputs,
    tables.table_no,
    sources.sources,
    years.first_year::integer as first_year,
    years.last_year::integer as last_year,
    coalesce(years.figures, 0)::bigint as figures
from {{ ref('indicator') }} as indicator
left join tables on indicator.indicator_code = tables.indicator_code
left join sources on indicator.indicator_code = sources.indicator_code
left join years on indicator.indicator_code = years.indicator_code
