-- One row per frame x period x position: what scaling needs to know of the reference figures. Who asks whether figures
-- vary asks the macro `varies`: range and deviation of what differs by rounding alone are none.
with reference_figure as (
    select
        member.frame_number,
        member.period,
        member.city_code,
        member.year,
        {{ unnest_with_position('figure.figures', 'value', 'position') }}
    from {{ ref('int_index__member') }} as member
    inner join {{ ref('int_index__figure') }} as figure
        on member.city_code = figure.city_code and member.year = figure.year
    where member.is_reference
),

-- In one order, for sums of fractions depend on it.
gathered as (
    select
        frame_number,
        period,
        position,
        count(value) as figures,
        min(value) as minimum,
        max(value) as maximum,
        {{ list_by('value', 'year, city_code') }} filter (where value is not null) as reference_values
    from reference_figure
    group by frame_number, period, position
)

select
    frame_number,
    period,
    position,
    figures,
    minimum,
    maximum,
    {{ list_mean('reference_values') }} as mean,
    {{ list_deviation('reference_values') }} as deviation,
    sqrt({{ list_dot('reference_values', 'reference_values') }}) as length
from gathered
