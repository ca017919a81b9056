-- One row per city x year with residents of the city districts: its size class of the State Council's notice of 2014.
select
    figure.city_code,
    figure.year,
    figure.value as population_resident_districts,
    size_class.size_class as city_size_class,
    size_class.is_large_city,
    figure.is_imputed,
    figure.is_corrected
from {{ ref('indicator_value') }} as figure
inner join {{ ref('city_size_class') }} as size_class
    on
        -- 10,000 persons against persons. A lower bound belongs to the class above it.
        figure.value * 10000 >= size_class.residents_from
        and (figure.value * 10000 < size_class.residents_below or size_class.residents_below is null)
where figure.indicator_code = 'population_resident' and figure.scope = 'districts'
