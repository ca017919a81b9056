select
    fit.study,
    fit.method,
    fit.design,
    fit.column_id,
    told.outcome_label as outcome,
    fit.effects,
    fit.controls,
    fit.n_obs,
    fit.n_units,
    fit.n_periods,
    fit.n_clusters,
    fit.n_treated_units,
    fit.n_never_treated_units,
    fit.effective_clusters,
    fit.r2,
    fit.r2_within,
    fit.f_statistic,
    fit.df_resid,
    fit.se_convention,
    fit.cluster,
    fit.detail,
    fit.spec_hash
from estimates.model_fit as fit
inner join estimates.study_column as told
    on
        fit.vintage = told.vintage
        and fit.study = told.study
        and fit.method = told.method
        and fit.design = told.design
        and fit.column_id = told.column_id
where fit.vintage = (select version.vintage from marts.dataset_version as version) and fit.status = 'estimated'
order by told.study, told.position
