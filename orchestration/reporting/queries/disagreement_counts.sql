select
    (select count(*) from marts.source_disagreement) as differing,
    count(*) filter (where values_published > 1) as compared,
    0.05 as tolerance
from intermediate.int_city_year__reconciled
