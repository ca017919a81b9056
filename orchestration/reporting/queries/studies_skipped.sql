-- Studies without an estimate, and designs that failed beside others that didn't.
select
    study,
    title,
    detail
from estimates.study_status
where vintage = (select version.vintage from marts.dataset_version as version) and status <> 'estimated'
union all
select
    told.study,
    concat(study.title, ': ', told.title) as title,
    concat(told.status, ', ', told.detail) as detail
from estimates.design_status as told
inner join estimates.study_status as study on told.vintage = study.vintage and told.study = study.study
where
    told.vintage = (select version.vintage from marts.dataset_version as version)
    and told.status = 'failed'
    and study.status = 'estimated'
order by study, title
