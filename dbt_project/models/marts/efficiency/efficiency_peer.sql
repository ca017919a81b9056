-- One row per efficiency model x variant x city x year x peer: the city-years that it is compared with.
-- `share` is the weight over the sum of weights; `is_itself` says that the city-year is on the frontier.
with total as (
    select
        model_id,
        variant,
        city_code,
        year,
        {{ ordered_sum('weight', 'position') }} as weight
    from {{ source('measures', 'efficiency_peer') }}
    group by model_id, variant, city_code, year
)

select
    peer.model_id,
    peer.variant,
    peer.city_code,
    peer.year::integer as year,
    peer.position::integer as position,
    peer.peer_city_code,
    peer.peer_year::integer as peer_year,
    peer.weight,
    peer.weight / total.weight as share,
    peer.peer_city_code = peer.city_code and peer.peer_year = peer.year as is_itself
from {{ source('measures', 'efficiency_peer') }} as peer
inner join total
    on
        peer.model_id = total.model_id
        and peer.variant = total.variant
        and peer.city_code = total.city_code
        and peer.year = total.year
