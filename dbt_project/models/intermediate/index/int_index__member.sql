-- One row per frame x city x year: the city-years that an index covers, and the period that scales and weights them.
-- References are the city-years whose figures decide: all of a period, or with a fixed base those of the base years.
with frame as (
    select distinct
        frame_number,
        period_kind,
        population,
        first_year,
        last_year,
        base_year_from,
        base_year_to,
        case when period_kind = 'base' then base_year_from else first_year end as continuing_from,
        case when period_kind = 'base' then base_year_to else last_year end as continuing_to
    from {{ ref('int_index__component') }}
),

-- `continuing`: a prefecture-level city or municipality at the end of every year covered; with a fixed base of every
-- base year, or a city that ends later would change what is fixed.
continuing as (
    select
        frame.frame_number,
        status.city_code
    from frame
    inner join {{ ref('city_status') }} as status
        on
            status.level in ('municipality', 'prefecture_city')
            and frame.continuing_to >= status.year_from
            and frame.continuing_from <= coalesce(status.year_to, 9999)
    where frame.population = 'continuing'
    group by frame.frame_number, status.city_code, frame.continuing_from, frame.continuing_to
    having
        sum(
            least(coalesce(status.year_to, 9999), frame.continuing_to)
            - greatest(status.year_from, frame.continuing_from) + 1
        ) = frame.continuing_to - frame.continuing_from + 1
)

select
    frame.frame_number,
    figure.city_code,
    figure.year,
    case frame.period_kind
        when 'per_year' then figure.year::varchar
        when 'base' then frame.base_year_from || '-' || frame.base_year_to
        else 'pooled'
    end as period,
    frame.period_kind <> 'base' or figure.year between frame.base_year_from and frame.base_year_to as is_reference
from frame
inner join {{ ref('int_index__figure') }} as figure
    on frame.first_year <= figure.year and frame.last_year >= figure.year
left join continuing
    on frame.frame_number = continuing.frame_number and figure.city_code = continuing.city_code
where frame.population = 'all' or continuing.city_code is not null
