select
    answer.study,
    answer.method,
    answer.design,
    answer.column_id,
    told.column_label,
    told.split_id,
    fit.outcome,
    fit.effects,
    fit.detail,
    fit.n_obs,
    fit.n_units,
    fit.n_periods,
    fit.n_clusters,
    fit.r2,
    fit.f_statistic,
    step.n_rows as ungrouped,
    answer.term || coalesce(' at ' || answer.at_point, '') as term,
    answer.estimate,
    answer.std_error,
    answer.statistic,
    answer.p_value,
    answer.ci_low,
    answer.ci_high,
    answer.stars
from estimates.estimate as answer
inner join estimates.model_fit as fit
    on
        answer.vintage = fit.vintage
        and answer.study = fit.study
        and answer.method = fit.method
        and answer.design = fit.design
        and answer.column_id = fit.column_id
inner join estimates.study_column as told
    on
        answer.vintage = told.vintage
        and answer.study = told.study
        and answer.method = told.method
        and answer.design = told.design
        and answer.column_id = told.column_id
left join estimates.sample_account as step
    on
        answer.vintage = step.vintage
        and answer.study = step.study
        and answer.method = step.method
        and answer.design = step.design
        and answer.column_id = step.column_id
        and step.step = 'no_group'
where
    answer.vintage = (select version.vintage from marts.dataset_version as version)
    and answer.statistic is not null
order by told.study, told.position, answer.rowid
