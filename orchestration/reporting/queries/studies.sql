select
    *,
    treatment as effect_term
from estimates.study_status
where vintage = (select version.vintage from marts.dataset_version as version) and status = 'estimated'
order by study
