select *
from estimates.threshold_diagnostic
where vintage = (select version.vintage from marts.dataset_version as version)
