-- Interpolated figures without a printed neighbour on each side, in a gap longer than their rule allows, or
-- under a rule that fills nothing: there is no extrapolation.
with printed as (
    select *
    from {{ ref('indicator_value') }}
    where value_kind in ('observed', 'corrected', 'computed', 'added')
)

select
    filled.city_code,
    filled.year,
    filled.indicator_code,
    filled.scope,
    filled.fill_method,
    filled.neighbour_year_before,
    filled.neighbour_year_after
from {{ ref('indicator_value') }} as filled
left join printed as before
    on
        filled.city_code = before.city_code
        and filled.indicator_code = before.indicator_code
        and filled.scope = before.scope
        and filled.neighbour_year_before = before.year
left join printed as after
    on
        filled.city_code = after.city_code
        and filled.indicator_code = after.indicator_code
        and filled.scope = after.scope
        and filled.neighbour_year_after = after.year
left join {{ ref('fill_rule') }} as fill_rule on filled.indicator_code = fill_rule.indicator_code
where
    filled.value_kind = 'interpolated'
    and not coalesce(
        before.year < filled.year
        and after.year > filled.year
        and after.year - before.year - 1 <= fill_rule.max_gap
        and filled.fill_method = fill_rule.method
        and filled.fill_method <> 'none',
        false
    )
