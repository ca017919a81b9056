-- What calculated indicators are made of, by indicator: marts.number_input says the same of every number.
with rule as (
    select
        indicator_code,
        position as role,
        coefficient,
        input_indicator_code || case input_scope when 'total' then '' else '_' || input_scope end as input
    from seed.derived_term
    union all
    select
        indicator_code,
        'city' as role,
        1 as coefficient,
        base_indicator_code as input
    from seed.relative_indicator
    union all
    select
        indicator_code,
        'nominal' as role,
        1 as coefficient,
        nominal_indicator_code as input
    from seed.deflated_indicator
)

select
    to_json(
        list({
            's': rule.indicator_code,
            'role': rule.role,
            'times': rule.coefficient,
            'input': rule.input,
            'base': indicator.price_base_year
        } order by rule.indicator_code asc, rule.role desc, rule.input asc)
    )::varchar as body
from rule
inner join marts.dim_indicator as indicator on rule.indicator_code = indicator.indicator_code
