select
    *,
    design as table_id
from estimates.mediation
where vintage = (select version.vintage from marts.dataset_version as version)
