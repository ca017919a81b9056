-- One row per efficiency model x variant x city x year x peer: the city-years that it is compared with.
-- `share` is the weight over the sum of weights; `is_itself` says that the city-year is on the frontier.
select
    model_id,
    variant,
    city_code,
    year::integer as year,
    position::integer as position,
    peer_city_code,
    peer_year::integer as peer_year,
    weight,
    weight / sum(weight) over (
        partition by model_id, variant, city_code, year
        order by position rows between unbounded preceding and unbounded following
    ) as share,
    peer_city_code = city_code and peer_year = year as is_itself
from {{ source('measures', 'efficiency_peer') }}
