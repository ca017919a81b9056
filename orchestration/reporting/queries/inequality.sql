select
    unequal.subject_id,
    unequal.group_column,
    unequal.year,
    max(value) filter (where measure = 'gini' and component = 'total') as gini,
    max(value) filter (where measure = 'gini' and component = 'within') as within,
    max(value) filter (where measure = 'gini' and component = 'between') as between,
    max(value) filter (where measure = 'gini' and component = 'transvariation') as transvariation,
    max(share) filter (where measure = 'gini' and component = 'within') as within_share,
    max(share) filter (where measure = 'gini' and component = 'between') as between_share,
    max(share) filter (where measure = 'gini' and component = 'transvariation') as transvariation_share,
    max(value) filter (where measure = 'theil_t' and component = 'total') as theil_t,
    max(value) filter (where measure = 'sd_log' and component = 'total') as sd_log,
    max(n_units) filter (where measure = 'gini' and component = 'total') as n_units
from estimates.inequality as unequal
inner join seed.comparison_subject as subject
    on
        unequal.subject_id = subject.subject_id
        and unequal.group_column = split_part(subject.group_columns, '|', 1)
where unequal.vintage = (select version.vintage from marts.dataset_version as version)
group by all
order by all
