-- One row per figure whose parts are all printed: the sum of the parts, and whether the whole is the same.
with declared as (
    select
        whole_indicator_code,
        count(*) as parts
    from {{ ref('figure_part') }}
    group by whole_indicator_code
),

summed as (
    select
        part.city_code,
        part.year,
        part.scope,
        figure_part.whole_indicator_code,
        {{ ordered_sum('part.value', 'part.indicator_code') }} as total,
        string_agg(
            part.indicator_code || ' ' || {{ number_text('part.value') }}, ', '
            order by part.indicator_code
        ) as part_figures
    from {{ ref('int_city_year__base') }} as part
    inner join {{ ref('figure_part') }} as figure_part on part.indicator_code = figure_part.part_indicator_code
    inner join declared on figure_part.whole_indicator_code = declared.whole_indicator_code
    where not part.is_imputed
    group by part.city_code, part.year, part.scope, figure_part.whole_indicator_code
    having count(*) = max(declared.parts)
)

select
    whole.city_code,
    whole.year,
    whole.indicator_code,
    whole.scope,
    whole.value,
    whole.cell_id,
    summed.total,
    summed.part_figures,
    bound.parts_ratio,
    {{ figures_agree('whole.value', 'summed.total', 'bound.parts_ratio') }} as adds_up
from {{ ref('int_city_year__base') }} as whole
inner join summed
    on
        whole.city_code = summed.city_code
        and whole.year = summed.year
        and whole.scope = summed.scope
        and whole.indicator_code = summed.whole_indicator_code
inner join {{ ref('int_city_year__check_bound') }} as bound on whole.indicator_code = bound.indicator_code
where not whole.is_imputed and bound.parts_ratio is not null
