select
    told.*,
    told.design as table_id,
    fit.status,
    fit.detail
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
