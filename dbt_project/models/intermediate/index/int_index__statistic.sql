-- One row per frame x period x position: what scaling needs to know of the reference figures.
with reference_figure as (
    select
        member.frame_number,
        member.period,
        {{ unnest_with_position('figure.figures', 'value', 'position') }}
    from {{ ref('int_index__member') }} as member
    inner join {{ ref('int_index__figure') }} as figure
        on member.city_code = figure.city_code and member.year = figure.year
    where member.is_reference
)

select
    frame_number,
    period,
    position,
    count(value) as figures,
    min(value) as minimum,
    max(value) as maximum,
    avg(value) as mean,
    stddev_pop(value) as deviation,
    sqrt(sum(value * value)) as length
from reference_figure
group by frame_number, period, position
