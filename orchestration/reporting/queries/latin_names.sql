select
    name_zh as name,
    name_en as latin
from marts.dim_city
order by all
