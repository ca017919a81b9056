-- One row per city x year x indicator x scope: the source with the first claim, the latest edition within it.
with ranked as (
    select
        *,
        row_number() over (
            partition by city_code, year, indicator_code, scope
            order by priority asc, edition desc nulls last, cell_id asc
        ) as claim,
        count(*) over same_figure as values_published,
        min(value) over same_figure as lowest_value,
        max(value) over same_figure as highest_value
    from {{ ref('int_city_year__observation') }}
    window same_figure as (partition by city_code, year, indicator_code, scope)
)

select
    city_code,
    year,
    indicator_code,
    scope,
    value,
    unit,
    source_id,
    edition,
    cell_id,
    values_published,
    case
        when lowest_value > 0 then highest_value / lowest_value - 1
        when lowest_value = highest_value then 0
    end as relative_disagreement
from ranked
where claim = 1
