-- One row per relative indicator x city x year: a derived ratio over the same ratio of all cities taken together.
-- The whole is the sum of numerators over the sum of denominators, over the cities that have the ratio in the year.
-- The flags are those of the city's own terms: the whole nearly always holds an interpolated figure of somebody.
with parts as (
    select
        relative.indicator_code,
        derived.city_code,
        derived.year,
        derived.scope,
        derived.value,
        derived.numerator,
        derived.denominator,
        derived.is_imputed,
        derived.is_corrected
    from {{ ref('relative_indicator') }} as relative
    inner join {{ ref('int_city_year__derived') }} as derived
        on relative.base_indicator_code = derived.indicator_code
    where derived.denominator is not null
),

whole as (
    select
        indicator_code,
        year,
        {{ ordered_sum('numerator', 'city_code') }} as all_cities_numerator,
        {{ ordered_sum('denominator', 'city_code') }} as all_cities_denominator,
        count(*) as cities
    from parts
    group by indicator_code, year
)

select
    parts.city_code,
    parts.year,
    parts.indicator_code,
    parts.scope,
    parts.value / (whole.all_cities_numerator / whole.all_cities_denominator) as value,
    indicator.unit,
    whole.all_cities_numerator,
    whole.all_cities_denominator,
    whole.cities,
    parts.is_imputed,
    parts.is_corrected
from parts
inner join whole on parts.indicator_code = whole.indicator_code and parts.year = whole.year
inner join {{ ref('indicator') }} as indicator on parts.indicator_code = indicator.indicator_code
where whole.all_cities_numerator <> 0 and whole.all_cities_denominator <> 0
