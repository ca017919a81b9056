select
    *,
    design as model_id
from estimates.regime_count
where vintage = (select version.vintage from marts.dataset_version as version)
