select
    paper_id,
    cast(table_no as varchar) as table_no,
    cast(column_no as varchar) as column_no,
    label,
    term,
    estimate,
    t_value,
    std_error_printed,
    stars,
    statistic,
    ci_low,
    ci_high
from marts.published_coefficient
order by paper_id, table_no, column_no, label, term
