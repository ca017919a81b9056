{{ config(materialized='view') }}
-- One row per score and value that it was computed of: components of an index or of one of its dimensions, terms of an
-- efficiency, those of both years of a productivity, the yearly ones of a cumulated productivity.
-- A view, as number_input is for figures: it holds nothing of its own. Scores and inputs are called as in city_year; a
-- dimension is index.dimension. No CTE is shared in it and it names no catalog, see number_lineage.
select
    score.city_code,
    score.year,
    score.score_name,
    score.score,
    component.direction as role,
    -- Weights of components add up to 1 inside their dimension too.
    case when score.share > 1e-12 then weight.weight / score.share end as weight,
    score.year as input_year,
    'indicator' as input_kind,
    component.indicator_code
    || case when component.scope = 'total' then '' else '_' || component.scope end as input_name,
    figure.value as input_value
from ( -- noqa: ST05
    select
        index_id,
        null as dimension,
        city_code,
        year,
        'index_' || index_id as score_name,
        score,
        1.0::double as share
    from {{ without_catalog(ref('index_score')) }}
    union all
    select
        index_id,
        dimension,
        city_code,
        year,
        index_id || '.' || dimension as score_name,
        score,
        weight as share
    from {{ without_catalog(ref('index_dimension_score')) }}
) as score
inner join {{ without_catalog(ref('index_definition')) }} as definition on score.index_id = definition.index_id
inner join {{ without_catalog(ref('index_component')) }} as component
    on
        coalesce(definition.components_of, definition.index_id) = component.index_id
        and coalesce(score.dimension, component.dimension) = component.dimension
left join {{ without_catalog(ref('index_weight')) }} as weight
    on
        score.index_id = weight.index_id
        and component.indicator_code = weight.indicator_code
        and (definition.period <> 'per_year' or score.year::varchar = weight.period)
left join {{ without_catalog(ref('indicator_value')) }} as figure
    on
        score.city_code = figure.city_code
        and score.year = figure.year
        and component.indicator_code = figure.indicator_code
        and component.scope = figure.scope
union all
select
    score.city_code,
    score.year,
    score.score_name,
    score.score,
    term.role,
    null::double as weight,
    input.year as input_year,
    term.kind as input_kind,
    case
        when term.kind = 'index' then 'index_' || term.code
        when term.kind = 'dimension' then term.code || '.' || term.dimension
        when coalesce(term.scope, 'total') = 'total' then term.code
        else term.code || '_' || term.scope
    end as input_name,
    input.value as input_value
from ( -- noqa: ST05
    select
        model_id,
        city_code,
        year,
        year as year_from,
        'efficiency_' || model_id || '_' || variant as score_name,
        score
    from {{ without_catalog(ref('efficiency_score')) }}
    union all
    select
        model_id,
        city_code,
        year,
        coalesce(year_from, year) as year_from,
        'productivity_' || model_id || replace(variant, 'malmquist', '') as score_name,
        productivity as score
    from {{ without_catalog(ref('productivity')) }}
) as score
inner join {{ without_catalog(ref('efficiency_term')) }} as term on score.model_id = term.model_id
inner join {{ without_catalog(ref('int_efficiency__term')) }} as input
    on
        score.model_id = input.model_id
        and term.term = input.term
        and score.city_code = input.city_code
        and input.year in (score.year_from, score.year)
union all
select
    score.city_code,
    score.year,
    'productivity_' || score.model_id || replace(score.variant, 'malmquist', '') || '_cumulated' as score_name,
    score.cumulated as score,
    'factor' as role,
    null::double as weight,
    input.year as input_year,
    'productivity' as input_kind,
    'productivity_' || score.model_id || replace(score.variant, 'malmquist', '') as input_name,
    input.productivity as input_value
from {{ without_catalog(ref('productivity')) }} as score
inner join {{ without_catalog(ref('productivity')) }} as input
    on
        score.model_id = input.model_id
        and score.variant = input.variant
        and score.city_code = input.city_code
        -- The first year, which is 1, has no index.
        and score.year > input.year_from
