-- One row per index x dimension x city x year and figure to blame: components that can't be relied on. Figures of other
-- cities move a score too, through the scale that they share; it isn't marked for them.
select distinct
    component.index_id,
    component.dimension,
    figure.city_code,
    figure.year,
    unnest(string_split(figure.suspect_figures, ', ')) as suspect_figure
from {{ ref('indicator_value') }} as figure
inner join {{ ref('int_index__component') }} as component
    on figure.indicator_code = component.indicator_code and figure.scope = component.scope
where figure.has_suspect_figure
