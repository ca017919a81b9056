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
        derived.is_imputed,
        derived.is_corrected,
        sum(derived.numerator) over all_cities as all_cities_numerator,
        sum(derived.denominator) over all_cities as all_cities_denominator,
        count(*) over all_cities as cities
    from {{ ref('relative_indicator') }} as relative
    inner join {{ ref('int_city_year__derived') }} as derived
        on relative.base_indicator_code = derived.indicator_code
    where derived.denominator is not null
    window all_cities as (partition by relative.indicator_code, derived.year)
)

select
    parts.city_code,
    parts.year,
    parts.indicator_code,
    parts.scope,
    parts.value / (parts.all_cities_numerator / parts.all_cities_denominator) as value,
    indicator.unit,
    parts.all_cities_numerator,
    parts.all_cities_denominator,
    parts.cities,
    parts.is_imputed,
    parts.is_corrected
from parts
inner join {{ ref('indicator') }} as indicator on parts.indicator_code = indicator.indicator_code
where parts.all_cities_numerator <> 0 and parts.all_cities_denominator <> 0
