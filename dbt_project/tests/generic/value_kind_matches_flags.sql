{# Figures whose kind and flags contradict each other, or that lost their cell. #}
{% test value_kind_matches_flags(model) %}
select *
from {{ model }}
where
    value_kind not in ('observed', 'corrected', 'computed', 'added', 'interpolated', 'derived')
    or (value_kind in ('interpolated', 'computed')) <> (is_imputed and value_kind not in ('derived', 'added'))
    or (value_kind in ('observed', 'corrected', 'computed', 'added')) <> (cell_id is not null)
    or (value_kind = 'corrected' and not is_corrected)
    or (value_kind = 'observed' and is_corrected)
    or (value_kind = 'interpolated' and (neighbour_year_before is null or neighbour_year_after is null))
{% endtest %}
