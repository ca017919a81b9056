{{ config(materialized='view') }}
-- One row per released value that is not printed as it is, and value that it was made of.
-- A view: it holds nothing of its own.
-- An input that is made of others itself has rows of its own; number_lineage leads from printed ones to cells.
-- No CTE is shared in it and it names no catalog, see number_lineage.
select
    {{ made_of("term.position", coefficient="term.coefficient") }}
from {{ without_catalog(ref('indicator_value')) }} as made
inner join {{ without_catalog(ref('derived_term')) }} as term on made.indicator_code = term.indicator_code
inner join {{ without_catalog(ref('indicator_value')) }} as input
    on
        made.city_code = input.city_code
        and made.year = input.year
        and term.input_indicator_code = input.indicator_code
        and term.input_scope = input.scope
union all
select
    {{ made_of("case when made.city_code = input.city_code then 'city' else 'other_city' end") }}
from {{ without_catalog(ref('indicator_value')) }} as made
inner join {{ without_catalog(ref('relative_indicator')) }} as relative
    on made.indicator_code = relative.indicator_code
inner join {{ without_catalog(ref('indicator_value')) }} as input
    on relative.base_indicator_code = input.indicator_code and made.year = input.year
union all
select
    {{ made_of("'nominal'") }}
from {{ without_catalog(ref('indicator_value')) }} as made
inner join {{ without_catalog(ref('deflated_indicator')) }} as deflated
    on made.indicator_code = deflated.indicator_code
inner join {{ without_catalog(ref('indicator_value')) }} as input
    on
        deflated.nominal_indicator_code = input.indicator_code
        and made.city_code = input.city_code
        and made.year = input.year
        and made.scope = input.scope
union all
-- The steps of the deflator between the year and the base year: GDP of two years and its growth, or two deflators.
select distinct
    {{ made_of("'deflator'") }}
from {{ without_catalog(ref('indicator_value')) }} as made
inner join {{ without_catalog(ref('deflated_indicator')) }} as deflated
    on made.indicator_code = deflated.indicator_code
inner join {{ without_catalog(ref('indicator')) }} as indicator
    on made.indicator_code = indicator.indicator_code
inner join {{ without_catalog(ref('int_city_year__deflator')) }} as step
    on
        made.city_code = step.city_code
        and step.year > least(made.year, indicator.price_base_year)
        and step.year <= greatest(made.year, indicator.price_base_year)
inner join {{ without_catalog(ref('indicator_value')) }} as input
    on
        step.city_code = input.city_code
        and input.scope = 'total'
        and (
            (step.year = input.year and step.method = input.indicator_code)
            or (
                input.year between step.year - 1 and step.year
                and input.indicator_code = case step.method when 'gdp_deflator' then 'gdp_deflator' else 'gdp' end
            )
        )
union all
select
    {{ made_of(
        "case when input.city_code = made.city_code then 'own_part' else 'merged_part' end",
        kind="case when input.is_corrected then 'corrected' when input.is_computed then 'computed' else 'observed' end"
    ) }}
from {{ without_catalog(ref('indicator_value')) }} as made
inner join {{ without_catalog(ref('int_city_year__merger')) }} as input
    on
        made.city_code = input.into_city_code
        and made.year = input.year
        and made.indicator_code = input.indicator_code
        and made.scope = input.scope
        and input.outcome = 'added'
where made.value_kind = 'added'
