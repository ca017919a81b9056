-- One row per subject x city x year with a value: its place among its peers and in the nation.
-- Peers are the cities of the same region and size class in that year; without a size class, those of the region
-- that have none either. Rank 1 is best: the highest value, or the lowest where the direction is `-`.
-- Ties share the better rank and the lower percentile; a city without peers has no percentile.
-- Values that rest on suspect figures are marked, or left out of all ranks where the subject says so.
with valued as (
    select
        subject.subject_id,
        case subject.direction when '-' then -1 else 1 end as sign,
        figure.city_code,
        figure.year,
        figure.value,
        figure.unit,
        figure.is_imputed,
        figure.has_suspect_figure,
        figure.suspect_figures,
        subject.suspect_figures as decision
    from {{ ref('comparison_subject') }} as subject
    inner join {{ ref('indicator_value') }} as figure
        on
            subject.code = figure.indicator_code
            and subject.scope = figure.scope
    where subject.kind = 'indicator' and figure.value is not null
    union all
    select
        subject.subject_id,
        case subject.direction when '-' then -1 else 1 end as sign,
        score.city_code,
        score.year,
        score.score as value,
        'score' as unit,
        score.is_imputed,
        score.has_suspect_figure,
        score.suspect_figures,
        subject.suspect_figures as decision
    from {{ ref('comparison_subject') }} as subject
    inner join {{ ref('index_score') }} as score on subject.code = score.index_id
    where subject.kind = 'index' and score.score is not null
),

placed as (
    select
        valued.*,
        {{ significant('valued.value') }} as compared,
        city.region,
        size.city_size_class,
        concat_ws(', ', city.region, size.city_size_class) as peer_group
    from valued
    inner join {{ ref('dim_city') }} as city on valued.city_code = city.city_code
    left join {{ ref('city_size') }} as size
        on valued.city_code = size.city_code and valued.year = size.year
    where not coalesce(valued.has_suspect_figure and valued.decision = 'leave_out', false)
),

ranked as (
    select
        *,
        count(*) over peers as group_cities,
        rank() over (peers order by sign * compared desc) as group_rank,
        percent_rank() over (peers order by sign * compared) as percentile,
        median(value) over peers as group_median,
        sign * max(sign * value) over peers as group_best,
        count(*) over nation as national_cities,
        rank() over (nation order by sign * compared desc) as national_rank
    from placed
    window
        peers as (partition by subject_id, year, peer_group),
        nation as (partition by subject_id, year)
)

select
    subject_id,
    city_code,
    year::integer as year,
    value,
    unit,
    is_imputed,
    has_suspect_figure,
    suspect_figures,
    region,
    city_size_class,
    peer_group,
    group_cities::integer as group_cities,
    group_rank::integer as group_rank,
    case when group_cities > 1 then percentile end as percentile,
    group_median,
    value - group_median as gap_to_median,
    value - group_best as gap_to_best,
    national_cities::integer as national_cities,
    national_rank::integer as national_rank
from ranked
