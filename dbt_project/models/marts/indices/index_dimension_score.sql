-- One row per index x dimension x city x year, for weighted sums that ask for it: the sum over the components
-- of the dimension, whose weights add up to 1 inside it; null when one of them is missing.
with scored as (
    select
        index_id,
        dimension,
        city_code,
        year,
        share,
        {{ list_dot('figures', 'factors') }} + constant as score
    from (
        select
            part.index_id,
            part.dimension,
            part.share,
            part.factors,
            part.constant,
            scaled.city_code,
            scaled.year,
            {{ list_picked('scaled.scaled', 'part.positions') }} as figures
        from {{ ref('int_index__part') }} as part
        inner join {{ ref('int_index__scaled') }} as scaled
            on part.frame_number = scaled.frame_number and part.period = scaled.period
        where part.dimension is not null
    ) as picked
),

suspect as (
    select
        index_id,
        dimension,
        city_code,
        year,
        string_agg(suspect_figure, ', ' order by suspect_figure) as suspect_figures
    from {{ ref('int_index__suspect') }}
    group by index_id, dimension, city_code, year
)

select
    scored.index_id,
    scored.dimension,
    scored.city_code,
    scored.year::integer as year,
    case when not isnan(scored.score) then scored.score end as score,
    scored.share as weight,
    -- A total of nothing, or below it with z-scores, has no shares.
    case when total.score > 0 then scored.share * scored.score / total.score end as contribution,
    suspect.suspect_figures is not null as has_suspect_figure,
    suspect.suspect_figures
from scored
inner join {{ ref('index_score') }} as total
    on
        scored.index_id = total.index_id
        and scored.city_code = total.city_code
        and scored.year = total.year
left join suspect
    on
        scored.index_id = suspect.index_id
        and scored.dimension = suspect.dimension
        and scored.city_code = suspect.city_code
        and scored.year = suspect.year
