-- One row per indicator: the bounds of the checks of its figures. The row of the indicator counts, else that of the
-- dimension of its unit, else the default; null says that it isn't checked.
with known as (
    select
        indicator.indicator_code,
        bound.check_id || '.' || bound.statistic as bound_name,
        bound.bound,
        row_number() over (
            partition by indicator.indicator_code, bound.check_id, bound.statistic
            order by bound.indicator_code nulls last, bound.dimension nulls last
        ) as place
    from {{ ref('indicator') }} as indicator
    left join {{ ref('unit') }} as unit on indicator.unit = unit.unit_key
    inner join {{ ref('figure_check_bound') }} as bound
        on
            coalesce(bound.indicator_code, indicator.indicator_code) = indicator.indicator_code
            and coalesce(bound.dimension, unit.dimension, '') = coalesce(unit.dimension, '')
)

select
    indicator_code,
    max(bound) filter (where bound_name = 'outvoted.agree') as agree,
    max(bound) filter (where bound_name = 'outvoted.contradict') as contradict,
    max(bound) filter (where bound_name = 'outvoted.votes') as votes,
    max(bound) filter (where bound_name = 'off_its_neighbours.ratio') as neighbour_ratio,
    max(bound) filter (where bound_name = 'off_its_neighbours.least_share') as least_share,
    max(bound) filter (where bound_name = 'off_its_neighbours.years') as neighbour_years,
    max(bound) filter (where bound_name = 'parts_differ.ratio') as parts_ratio
from known
where place = 1
group by indicator_code
