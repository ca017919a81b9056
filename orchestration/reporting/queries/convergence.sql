select *
from estimates.convergence
where vintage = (select version.vintage from marts.dataset_version as version) and group_name = 'all'
order by
    subject_id,
    list_position(['sigma', 'beta_absolute', 'beta_conditional', 'beta_panel'], kind)
