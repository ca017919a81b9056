-- One row per figure that a decision to add one place into another touches: what becomes of it.
-- The figures of the place that was merged leave the panel, so that no sum over cities counts it twice; amounts of
-- the years before are added to those of the city that took it in, where all of them are there.
-- A figure of that city which can't be added to in such a year is of another area than its series: it leaves too.
with merger as (
    select
        event_id,
        year as event_year,
        from_code,
        to_code
    from {{ ref('city_event') }}
    where decision = 'add_into'
),

taking_in as (
    select
        to_code,
        max(event_year) as last_event_year
    from merger
    group by to_code
),

part as (
    select
        corrected.*,
        merger.to_code as into_city_code,
        merger.event_id,
        corrected.year < merger.event_year as is_before
    from {{ ref('int_city_year__corrected') }} as corrected
    inner join merger on corrected.city_code = merger.from_code
    union all
    select
        corrected.*,
        corrected.city_code as into_city_code,
        null as event_id,
        true as is_before
    from {{ ref('int_city_year__corrected') }} as corrected
    inner join taking_in on corrected.city_code = taking_in.to_code and corrected.year < taking_in.last_event_year
),

part_year as (
    select distinct
        into_city_code,
        year
    from part
),

-- The city itself and all that are merged into it later than the year.
wanted as (
    select
        part_year.into_city_code,
        part_year.year,
        1 + count(*) as parts
    from part_year
    inner join merger on part_year.into_city_code = merger.to_code and part_year.year < merger.event_year
    group by part_year.into_city_code, part_year.year
),

counted as (
    select
        part.*,
        coalesce(indicator.is_additive, false) as is_additive,
        count(*) filter (where part.is_before) over (
            partition by part.into_city_code, part.year, part.indicator_code, part.scope
        ) as parts
    from part
    left join {{ ref('indicator') }} as indicator on part.indicator_code = indicator.indicator_code
)

select
    counted.city_code,
    counted.year,
    counted.indicator_code,
    counted.scope,
    counted.into_city_code,
    counted.event_id,
    counted.value,
    counted.unit,
    counted.source_id,
    counted.edition,
    counted.cell_id,
    counted.values_published,
    counted.relative_disagreement,
    counted.is_corrected,
    counted.is_computed,
    case
        when not counted.is_before then 'after_merger'
        when not counted.is_additive then 'not_additive'
        when counted.parts = wanted.parts then 'added'
        else 'partner_missing'
    end as outcome
from counted
left join wanted on counted.into_city_code = wanted.into_city_code and counted.year = wanted.year
-- A ratio of the city that took the other in stays as printed.
where counted.is_additive or counted.event_id is not null
