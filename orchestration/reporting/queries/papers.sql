-- Papers that a design of this release stands against.
select
    paper_id,
    citation
from seed.paper
where paper_id in (
        select told.paper_id from estimates.study_column as told
        where told.vintage = (select version.vintage from marts.dataset_version as version)
    )
order by paper_id
