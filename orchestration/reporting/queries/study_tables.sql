select
    study,
    method,
    design,
    any_value(design_title) as title,
    any_value(paper_id) as paper_id,
    any_value(table_no) as table_no
from estimates.study_column
where vintage = (select version.vintage from marts.dataset_version as version)
group by study, method, design
order by study, min(position)
