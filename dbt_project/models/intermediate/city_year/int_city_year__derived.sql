-- One row per derived indicator: a ratio of weighted sums of printed ones, as declared in the seed of terms.
-- Absent when a term is missing, or when the denominator is zero but for rounding or too small for a number: a ratio
-- is never made of half its inputs, nor of what a difference of figures leaves in its last digits.
with terms as (
    select
        base.city_code,
        base.year,
        term.indicator_code,
        term.position,
        term.input_indicator_code || ' ' || term.input_scope as input,
        term.coefficient * base.value as part,
        base.is_imputed,
        base.is_corrected
    from {{ ref('derived_term') }} as term
    inner join {{ ref('int_city_year__base') }} as base
        on term.input_indicator_code = base.indicator_code and term.input_scope = base.scope
),

wanted as (
    select
        indicator_code,
        count(*) as terms,
        count(*) filter (where position = 'denominator') as denominator_terms
    from {{ ref('derived_term') }}
    group by indicator_code
),

combined as (
    select
        city_code,
        year,
        indicator_code,
        count(*) as terms,
        {{ ordered_sum("case when position = 'numerator' then part end", 'input') }} as numerator,
        {{ ordered_sum("case when position = 'denominator' then part end", 'input') }} as denominator,
        max(abs(part)) filter (where position = 'denominator') as largest_in_denominator,
        bool_or(is_imputed) as is_imputed,
        bool_or(is_corrected) as is_corrected
    from terms
    group by city_code, year, indicator_code
)

select
    combined.city_code,
    combined.year,
    combined.indicator_code,
    'total' as scope,
    case
        when wanted.denominator_terms = 0 then combined.numerator
        else combined.numerator / combined.denominator
    end as value,
    indicator.unit,
    combined.numerator,
    combined.denominator,
    combined.is_imputed,
    combined.is_corrected
from combined
inner join wanted
    on combined.indicator_code = wanted.indicator_code and combined.terms = wanted.terms
inner join {{ ref('indicator') }} as indicator on combined.indicator_code = indicator.indicator_code
where
    {{ is_finite('combined.numerator') }}
    and (
        wanted.denominator_terms = 0
        or (
            abs(combined.denominator) > {{ rounding_share() }} * combined.largest_in_denominator
            and {{ is_finite('combined.numerator / combined.denominator') }}
        )
    )
