select
    paper_id,
    cast(table_no as varchar) as table_no,
    cast(column_no as varchar) as column_no,
    statistic,
    cast(value as varchar) as value
from seed.published_fit
union all
select
    paper_id,
    cast(table_no as varchar) as table_no,
    cast(column_no as varchar) as column_no,
    statistic,
    cast(value as varchar) as value
from seed.published_design
order by all
