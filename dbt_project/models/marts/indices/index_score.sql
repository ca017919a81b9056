-- One row per index x city x year: the weighted sum of its scaled components; null when one of them is missing.
-- A component that nobody has in a period has no weight there; it counts as missing all the same.
with weighted as (
    select
        scaled.index_id,
        scaled.city_code,
        scaled.year,
        count(*) as components,
        count(scaled.scaled) as components_present,
        sum(weight.weight * scaled.scaled) as score,
        bool_or(scaled.is_imputed) as is_imputed
    from {{ ref('int_index__scaled') }} as scaled
    left join {{ ref('index_weight') }} as weight
        on
            scaled.index_id = weight.index_id
            and scaled.period = weight.period
            and scaled.indicator_code = weight.indicator_code
    group by scaled.index_id, scaled.city_code, scaled.year
),

complete as (
    select
        index_id,
        city_code,
        year,
        components,
        components_present,
        is_imputed,
        case when components_present = components then score end as score
    from weighted
)

select
    index_id,
    city_code,
    year::integer as year,
    score,
    case
        when score is not null
            then (rank() over (partition by index_id, year order by score desc nulls last))::integer
    end as rank,
    components::integer as components,
    components_present::integer as components_present,
    is_imputed
from complete
