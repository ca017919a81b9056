-- One row per city x year x indicator x scope: printed figures, filled gaps and what is derived from them.
with made as (
    select
        city_code,
        year,
        indicator_code,
        scope,
        value,
        unit,
        is_imputed,
        is_corrected
    from {{ ref('int_city_year__derived') }}
    union all
    select
        city_code,
        year,
        indicator_code,
        scope,
        value,
        unit,
        is_imputed,
        is_corrected
    from {{ ref('int_city_year__relative') }}
    union all
    select
        city_code,
        year,
        indicator_code,
        scope,
        value,
        unit,
        is_imputed,
        is_corrected
    from {{ ref('int_city_year__deflated') }}
),

figures as (
    select
        city_code,
        year,
        indicator_code,
        scope,
        value,
        unit,
        value_kind,
        is_imputed,
        is_corrected,
        cell_id,
        source_id,
        edition,
        values_published,
        relative_disagreement,
        fill_method,
        neighbour_year_before,
        neighbour_year_after
    from {{ ref('int_city_year__base') }}
    union all
    select
        city_code,
        year,
        indicator_code,
        scope,
        value,
        unit,
        'derived' as value_kind,
        is_imputed,
        is_corrected,
        null as cell_id,
        null as source_id,
        null as edition,
        0 as values_published,
        null as relative_disagreement,
        null as fill_method,
        null as neighbour_year_before,
        null as neighbour_year_after
    from made
)

select
    figures.city_code,
    figures.year::integer as year,
    figures.indicator_code,
    figures.scope,
    figures.value,
    figures.unit,
    indicator.price_basis,
    figures.value_kind,
    figures.is_imputed,
    figures.is_corrected,
    figures.cell_id,
    figures.source_id,
    figures.edition::integer as edition,
    figures.values_published::bigint as values_published,
    figures.relative_disagreement,
    figures.fill_method,
    figures.neighbour_year_before,
    figures.neighbour_year_after
from figures
left join {{ ref('indicator') }} as indicator on figures.indicator_code = indicator.indicator_code
