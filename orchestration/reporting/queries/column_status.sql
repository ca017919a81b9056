select
    told.study,
    told.method,
    told.design,
    told.column_id,
    told.column_label,
    fit.status,
    fit.detail,
    told.split_by,
    told.split_value,
    told.split_rule,
    told.published_column
from estimates.study_column as told
inner join estimates.model_fit as fit
    on
        told.vintage = fit.vintage
        and told.study = fit.study
        and told.method = fit.method
        and told.design = fit.design
        and told.column_id = fit.column_id
where told.vintage = (select version.vintage from marts.dataset_version as version)
order by told.study, told.position
