select
    variant_id,
    indicator_code,
    mean_weight as weight
from marts.index_variant_weight
order by all
