{# Indices and periods whose weights don't add up to 1. #}
{% test weights_add_up(model) %}
select
    index_id,
    period,
    sum(weight) as total
from {{ model }}
group by index_id, period
having abs(sum(weight) - 1) > 1e-9
{% endtest %}
