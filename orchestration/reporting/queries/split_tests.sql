select
    *,
    design as table_id
from estimates.split_test
where vintage = (select version.vintage from marts.dataset_version as version)
