select
    measure,
    detail,
    value,
    total
from marts.input_health
order by position, detail
