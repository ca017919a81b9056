-- One row per efficiency model x city x year x term: its value, null where this input has none.
-- A city-year is there as soon as one term has a value: what can't be judged is shown with a reason, not lost.
-- A dimension counts as imputed where its index does.
with term as (
    select
        term.model_id,
        term.role,
        term.term,
        term.kind,
        term.code,
        coalesce(term.scope, 'total') as scope,
        term.dimension,
        coalesce(model.year_from, 0) as year_from,
        coalesce(model.year_to, 9999) as year_to
    from {{ ref('efficiency_term') }} as term
    inner join {{ ref('efficiency_model') }} as model on term.model_id = model.model_id
),

found as (
    select
        term.model_id,
        term.term,
        figure.city_code,
        figure.year,
        figure.value,
        figure.is_imputed
    from term
    inner join {{ ref('indicator_value') }} as figure
        on
            term.code = figure.indicator_code
            and term.scope = figure.scope
            and figure.year between term.year_from and term.year_to
    where term.kind = 'indicator' and figure.value is not null
    union all
    select
        term.model_id,
        term.term,
        score.city_code,
        score.year,
        score.score as value,
        score.is_imputed
    from term
    inner join {{ ref('index_score') }} as score
        on
            term.code = score.index_id
            and score.year between term.year_from and term.year_to
    where term.kind = 'index' and score.score is not null
    union all
    select
        term.model_id,
        term.term,
        part.city_code,
        part.year,
        part.score as value,
        whole.is_imputed
    from term
    inner join {{ ref('index_dimension_score') }} as part
        on
            term.code = part.index_id
            and term.dimension = part.dimension
            and part.year between term.year_from and term.year_to
    inner join {{ ref('index_score') }} as whole
        on
            part.index_id = whole.index_id
            and part.city_code = whole.city_code
            and part.year = whole.year
    where term.kind = 'dimension' and part.score is not null
),

place as (
    select distinct
        model_id,
        city_code,
        year
    from found
)

select
    place.model_id,
    place.city_code,
    place.year,
    term.role,
    term.term,
    found.value,
    coalesce(found.is_imputed, false) as is_imputed
from place
inner join term on place.model_id = term.model_id
left join found
    on
        place.model_id = found.model_id
        and place.city_code = found.city_code
        and place.year = found.year
        and term.term = found.term
