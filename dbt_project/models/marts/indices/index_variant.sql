-- One row per variant of an index: how far its cities keep the order that the index itself gives them.
with by_year as (
    select
        definition.components_of as index_id,
        variant.index_id as variant_id,
        variant.year,
        corr(variant.rank, main.rank order by variant.city_code) as rank_correlation,
        max(abs(variant.rank - main.rank)) as largest_rank_change
    from {{ ref('index_score') }} as variant
    inner join {{ ref('index_definition') }} as definition on variant.index_id = definition.index_id
    inner join {{ ref('index_score') }} as main
        on
            definition.components_of = main.index_id
            and variant.city_code = main.city_code
            and variant.year = main.year
    where variant.rank is not null and main.rank is not null
    group by definition.components_of, variant.index_id, variant.year
)

select
    variant_id,
    any_value(index_id) as index_id,
    avg(rank_correlation order by year) as rank_correlation,
    max(largest_rank_change)::bigint as largest_rank_change
from by_year
group by variant_id
