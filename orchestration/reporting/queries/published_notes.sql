select
    paper_id,
    cast(table_no as varchar) as table_no,
    cast(column_no as varchar) as column_no,
    note
from seed.published_note
order by all
