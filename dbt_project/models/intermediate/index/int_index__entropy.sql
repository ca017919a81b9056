-- One row per frame x period x position with a figure: Shannon entropy of the shares p = s / S of its min-max scaled
-- figures s, S their sum, in units of ln(n): -sum(p ln p) = ln S - sum(s ln s) / S. 0 ln 0 counts as 0; a component
-- without variation, or a single city-year, has entropy 1: no information.
with reference_share as (
    select
        frame_number,
        period,
        city_code,
        year,
        {{ unnest_with_position('scaled', 'scaled', 'position') }}
    from {{ ref('int_index__scaled') }}
    where is_reference
),

total as (
    select
        frame_number,
        period,
        position,
        count(scaled) as figures,
        {{ ordered_sum('scaled', 'year, city_code') }} as total,
        {{ ordered_sum('case when scaled > 0 then scaled * ln(scaled) else 0 end', 'year, city_code') }}
            as total_logarithm
    from reference_share
    where not isnan(scaled)
    group by frame_number, period, position
)

select
    frame_number,
    period,
    position,
    figures,
    case
        when figures = 1 or total = 0 then 1
        else (ln(total) - total_logarithm / total) / ln(figures)
    end as entropy
from total
