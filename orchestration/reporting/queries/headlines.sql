select
    told.study,
    told.method,
    told.design,
    told.column_id,
    answer.estimate,
    answer.std_error,
    answer.ci_low,
    answer.ci_high,
    answer.stars,
    fit.n_obs,
    fit.n_units,
    fit.n_treated_units,
    fit.cluster,
    fit.detail
from estimates.study_column as told
inner join estimates.study_status as study on told.vintage = study.vintage and told.study = study.study
inner join estimates.estimate as answer
    on
        told.vintage = answer.vintage
        and told.study = answer.study
        and told.method = answer.method
        and told.design = answer.design
        and told.column_id = answer.column_id
        and study.treatment = answer.term
inner join estimates.model_fit as fit
    on
        told.vintage = fit.vintage
        and told.study = fit.study
        and told.method = fit.method
        and told.design = fit.design
        and told.column_id = fit.column_id
where told.vintage = (select version.vintage from marts.dataset_version as version)
    and told.is_headline
    and answer.at_point is null
order by told.study
