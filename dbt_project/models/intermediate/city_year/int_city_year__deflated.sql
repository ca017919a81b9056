-- One row per deflated indicator x city x year: the nominal figure at the prices of the indicator's base year.
-- Only where an unbroken run of the city's deflator holds both the year and the base year.
with nominal as (
    select
        city_code,
        year,
        indicator_code,
        scope,
        value,
        is_imputed,
        is_corrected
    from {{ ref('int_city_year__base') }}
    union all
    select
        city_code,
        year,
        indicator_code,
        scope,
        value,
        is_imputed,
        is_corrected
    from {{ ref('int_city_year__derived') }}
)

select
    nominal.city_code,
    nominal.year,
    deflated.indicator_code,
    nominal.scope,
    nominal.value / (this_year.price_level / base_year.price_level) as value,
    indicator.unit,
    nominal.value as nominal_value,
    this_year.price_level / base_year.price_level as deflator,
    base_year.year as base_year,
    -- The steps between the two years count, whichever of them comes first.
    nominal.is_imputed or this_year.imputed_steps <> base_year.imputed_steps as is_imputed,
    nominal.is_corrected or this_year.corrected_steps <> base_year.corrected_steps as is_corrected
from {{ ref('deflated_indicator') }} as deflated
inner join {{ ref('indicator') }} as indicator on deflated.indicator_code = indicator.indicator_code
inner join nominal
    on deflated.nominal_indicator_code = nominal.indicator_code and nominal.scope = 'total'
inner join {{ ref('int_city_year__deflator') }} as this_year
    on nominal.city_code = this_year.city_code and nominal.year = this_year.year
inner join {{ ref('int_city_year__deflator') }} as base_year
    on
        this_year.city_code = base_year.city_code
        and this_year.run_first_year = base_year.run_first_year
        and indicator.price_base_year = base_year.year
where {{ is_finite('nominal.value / (this_year.price_level / base_year.price_level)') }}
