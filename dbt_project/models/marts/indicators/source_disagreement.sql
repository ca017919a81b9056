-- One row per figure on which two sources differ by more than 5 %: both values, both cells.
{% set tolerance = 0.05 %}
select
    kept.city_code,
    kept.year::integer as year,
    kept.indicator_code,
    kept.scope,
    kept.source_id as kept_source_id,
    kept.value as kept_value,
    kept.cell_id as kept_cell_id,
    other.source_id as other_source_id,
    other.value as other_value,
    other.cell_id as other_cell_id,
    greatest(kept.value, other.value) / least(kept.value, other.value) as ratio
from {{ ref('int_city_year__source') }} as kept
inner join {{ ref('int_city_year__source') }} as other
    on
        kept.city_code = other.city_code
        and kept.year = other.year
        and kept.indicator_code = other.indicator_code
        and kept.scope = other.scope
        and kept.source_id <> other.source_id
inner join {{ ref('int_city_year__reconciled') }} as reconciled
    on
        kept.city_code = reconciled.city_code
        and kept.year = reconciled.year
        and kept.indicator_code = reconciled.indicator_code
        and kept.scope = reconciled.scope
        and kept.source_id = reconciled.source_id
where
    least(kept.value, other.value) > 0
    and greatest(kept.value, other.value) / least(kept.value, other.value) > 1 + {{ tolerance }}
