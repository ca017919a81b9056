-- One row per frame x city x year: the list of min-max scaled figures, (x - min) / (max - min) of the period, larger
-- being better; NaN where there is none, so that every sum with a missing figure is NaN as well. Every other scaling is
-- linear in this one and goes into the weights as a factor (int_index__part): a figure is scaled once for all indices.
-- A component that does not vary in its reference says nothing and scales to 0. Outside a fixed base figures may pass
-- 0 and 1; they are not cut.
with spread as (
    select
        frame_number,
        period,
        position,
        minimum,
        case
            when {{ varies('minimum', 'maximum') }} then maximum - minimum
            else 'infinity'::double
        end as divisor
    from {{ ref('int_index__statistic') }}
),

bounds as (
    select
        frame_number,
        period,
        {{ list_by('minimum', 'position') }} as minima,
        {{ list_by('divisor', 'position') }} as divisors
    from spread
    group by frame_number, period
)

select
    member.frame_number,
    member.city_code,
    member.year,
    member.period,
    member.is_reference,
    {{ list_scaled('figure.figures', 'bounds.minima', 'bounds.divisors') }} as scaled
from {{ ref('int_index__member') }} as member
inner join bounds on member.frame_number = bounds.frame_number and member.period = bounds.period
inner join {{ ref('int_index__figure') }} as figure
    on member.city_code = figure.city_code and member.year = figure.year
