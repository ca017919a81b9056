-- A score has half the mean difference in the place of the Gini coefficient, and the sd of its values.
select
    unequal.subject_id,
    unequal.group_column,
    unequal.year,
    max(unequal.value) filter (where unequal.is_dagum and unequal.component = 'total') as total,
    max(unequal.value) filter (where unequal.is_dagum and unequal.component = 'within') as within,
    max(unequal.value) filter (where unequal.is_dagum and unequal.component = 'between') as between,
    max(unequal.value) filter (where unequal.is_dagum and unequal.component = 'transvariation') as transvariation,
    max(unequal.share) filter (where unequal.is_dagum and unequal.component = 'within') as within_share,
    max(unequal.share) filter (where unequal.is_dagum and unequal.component = 'between') as between_share,
    max(unequal.share) filter (where unequal.is_dagum and unequal.component = 'transvariation')
        as transvariation_share,
    max(unequal.value) filter (where unequal.measure = 'theil_t' and unequal.component = 'total') as theil_t,
    max(unequal.value) filter (where unequal.measure in ('sd_log', 'sd') and unequal.component = 'total') as spread,
    max(unequal.n_units) filter (where unequal.is_dagum and unequal.component = 'total') as n_units
from (
    select
        *,
        measure in ('gini', 'mean_difference') as is_dagum
    from estimates.inequality
) as unequal
inner join seed.comparison_subject as subject
    on
        unequal.subject_id = subject.subject_id
        and unequal.group_column = split_part(subject.group_columns, '|', 1)
where unequal.vintage = (select version.vintage from marts.dataset_version as version)
group by all
order by all
