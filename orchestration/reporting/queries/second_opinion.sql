select
    library,
    count(*) as terms,
    count(distinct concat_ws('/', study, part, table_id, column_id)) as columns,
    max(difference) as difference
from estimates.reference_check
where vintage = (select version.vintage from marts.dataset_version as version) and difference is not null
group by all
order by all
