select
    fit.* exclude (outcome),
    fit.design as table_id,
    told.outcome_label as outcome
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
