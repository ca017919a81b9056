select
    case cell_class
        when 'value' then 'value_resolved'
        when 'quarantined' then 'value_quarantined'
        else cell_class
    end as class,
    sum(cells)::bigint as cells
from marts.cell_account
group by class
order by cells desc
