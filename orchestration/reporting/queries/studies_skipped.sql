-- Studies that this input can't answer, then designs that failed in studies that it can.
select
    study.study,
    study.title,
    study.detail
from estimates.study_status as study
where study.vintage = (select version.vintage from marts.dataset_version as version) and study.status <> 'estimated'
union all
select
    design.study,
    study.title || ', ' || design.title as title,
    design.status || ': ' || design.detail as detail
from estimates.design_status as design
inner join estimates.study_status as study
    on design.vintage = study.vintage and design.study = study.study
where design.vintage = (select version.vintage from marts.dataset_version as version)
    and design.status = 'failed'
    and study.status = 'estimated'
order by study, title
