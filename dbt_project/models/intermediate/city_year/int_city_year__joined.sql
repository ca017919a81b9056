{{ config(materialized='view') }}
-- One row as corrected, with the figures of merged places added into those of the city that took them in.
-- An added figure carries the cell of the city's own part; all parts are in int_city_year__merger.
select
    corrected.city_code,
    corrected.year,
    corrected.indicator_code,
    corrected.scope,
    corrected.value,
    corrected.unit,
    corrected.source_id,
    corrected.edition,
    corrected.cell_id,
    corrected.values_published,
    corrected.relative_disagreement,
    corrected.is_corrected,
    corrected.is_computed,
    false as is_added
from {{ without_catalog(ref('int_city_year__corrected')) }} as corrected
left join {{ without_catalog(ref('int_city_year__merger')) }} as merger
    on
        corrected.city_code = merger.city_code
        and corrected.year = merger.year
        and corrected.indicator_code = merger.indicator_code
        and corrected.scope = merger.scope
where merger.city_code is null
union all
select
    into_city_code as city_code,
    year,
    indicator_code,
    scope,
    -- In the order of the codes: a sum of fractions depends on the order.
    {{ list_total(list_by('value', 'city_code')) }} as value,
    max(unit) as unit,
    max(source_id) filter (where city_code = into_city_code) as source_id,
    max(edition) filter (where city_code = into_city_code) as edition,
    max(cell_id) filter (where city_code = into_city_code) as cell_id,
    sum(values_published)::bigint as values_published,
    max(relative_disagreement) as relative_disagreement,
    bool_or(is_corrected) as is_corrected,
    bool_or(is_computed) as is_computed,
    true as is_added
from {{ without_catalog(ref('int_city_year__merger')) }}
where outcome = 'added'
group by into_city_code, year, indicator_code, scope
