-- One row per index x period x component: Shannon entropy of the shares of its scaled figures, in units of ln(n).
-- 0 ln 0 counts as 0; a component without variation, or a single city-year, has entropy 1: no information.
with shares as (
    select
        index_id,
        period,
        indicator_code,
        scaled / nullif(sum(scaled) over component, 0) as share,
        count(scaled) over component as figures
    from {{ ref('int_index__scaled') }}
    where scaled is not null
    window component as (partition by index_id, period, indicator_code)
)

select
    index_id,
    period,
    indicator_code,
    max(figures) as figures,
    case
        when max(figures) <= 1 or max(share) is null then 1
        else sum(case when share > 0 then -share * ln(share) else 0 end) / ln(max(figures))
    end as entropy
from shares
group by index_id, period, indicator_code
