select
    study,
    year,
    group_name as "group",
    mean,
    ci_low,
    ci_high,
    n_units as n
from estimates.outcome_trend
where vintage = (select version.vintage from marts.dataset_version as version)
order by study, year, group_name
