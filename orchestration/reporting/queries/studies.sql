select
    study,
    title,
    outcome_label,
    outcome_unit,
    policy,
    policy_label,
    treatment as effect_term,
    first_year,
    last_year
from estimates.study_status
where vintage = (select version.vintage from marts.dataset_version as version) and status = 'estimated'
order by study
