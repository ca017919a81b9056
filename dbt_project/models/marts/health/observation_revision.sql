-- One row per figure that a source published more than once: the first, the one that counts now, all editions.
-- The last is the figure that reconciliation keeps of a source; the first is the one it would keep last.
with repeated as (
    select
        observation.*,
        reconciled.source_id as kept_source_id
    from {{ ref('int_city_year__observation') }} as observation
    inner join {{ ref('int_city_year__reconciled') }} as reconciled
        on
            observation.city_code = reconciled.city_code
            and observation.year = reconciled.year
            and observation.indicator_code = reconciled.indicator_code
            and observation.scope = reconciled.scope
    where reconciled.values_published > 1
),

ranked as (
    select
        repeated.*,
        row_number() over (
            partition by
                repeated.city_code, repeated.year, repeated.indicator_code, repeated.scope, repeated.source_id
            order by {{ claim_order('repeated', 'sheet') }}
        ) as from_last,
        count(*) over (
            partition by
                repeated.city_code, repeated.year, repeated.indicator_code, repeated.scope, repeated.source_id
        ) as figures
    from repeated
    left join {{ ref('stg_yearbook__sheet') }} as sheet
        on repeated.file_key = sheet.file_key and repeated.sheet_index = sheet.sheet_index
),

revised as (
    select
        city_code,
        year,
        indicator_code,
        scope,
        source_id,
        max(figures) as figures,
        count(distinct edition) as editions,
        string_agg(distinct edition::varchar, ', ' order by edition::varchar) as edition_list,
        max(edition) filter (where from_last = figures) as first_edition,
        max(value) filter (where from_last = figures) as first_value,
        max(cell_id) filter (where from_last = figures) as first_cell_id,
        max(edition) filter (where from_last = 1) as last_edition,
        max(value) filter (where from_last = 1) as last_value,
        max(cell_id) filter (where from_last = 1) as last_cell_id,
        min(value) <> max(value) as is_revised,
        source_id = max(kept_source_id) as is_source_kept
    from ranked
    group by city_code, year, indicator_code, scope, source_id
    having count(*) > 1
)

select
    city_code,
    year::integer as year,
    indicator_code,
    scope,
    source_id,
    figures::bigint as figures,
    editions::bigint as editions,
    edition_list,
    first_edition::integer as first_edition,
    first_value,
    first_cell_id,
    last_edition::integer as last_edition,
    last_value,
    last_cell_id,
    last_value / nullif(first_value, 0) - 1 as relative_change,
    is_revised,
    is_source_kept
from revised
