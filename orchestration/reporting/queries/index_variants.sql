select
    variant.index_id,
    variant.variant_id,
    definition.name_en as title,
    variant.rank_correlation,
    variant.largest_rank_change
from marts.index_variant as variant
inner join seed.index_definition as definition on variant.variant_id = definition.index_id
order by variant.index_id, variant.variant_id
