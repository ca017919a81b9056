-- One row per efficiency model x city x year with a term that can't be relied on: the figures to blame.
with term as (
    select
        model_id,
        kind,
        code,
        coalesce(scope, 'total') as scope,
        dimension
    from {{ ref('efficiency_term') }}
),

blamed as (
    select
        term.model_id,
        figure.city_code,
        figure.year,
        figure.suspect_figures
    from term
    inner join {{ ref('indicator_value') }} as figure
        on term.code = figure.indicator_code and term.scope = figure.scope
    where term.kind = 'indicator' and figure.has_suspect_figure
    union all
    select
        term.model_id,
        score.city_code,
        score.year,
        score.suspect_figures
    from term
    inner join {{ ref('index_score') }} as score on term.code = score.index_id
    where term.kind = 'index' and score.has_suspect_figure
    union all
    select
        term.model_id,
        part.city_code,
        part.year,
        part.suspect_figures
    from term
    inner join {{ ref('index_dimension_score') }} as part
        on term.code = part.index_id and term.dimension = part.dimension
    where term.kind = 'dimension' and part.has_suspect_figure
),

each as (
    select distinct
        model_id,
        city_code,
        year,
        unnest(string_split(suspect_figures, ', ')) as suspect_figure
    from blamed
)

select
    model_id,
    city_code,
    year,
    string_agg(suspect_figure, ', ' order by suspect_figure) as suspect_figures
from each
group by model_id, city_code, year
