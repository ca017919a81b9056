-- One row per city x year x indicator x scope: printed figures, filled gaps and what is derived from them.
with made as (
    select * from {{ ref('int_city_year__derived') }}
    union all by name
    select * from {{ ref('int_city_year__relative') }}
    union all by name
    select * from {{ ref('int_city_year__deflated') }}
),

-- By name: what a kind of figure has no column for is null.
figures as (
    select * from {{ ref('int_city_year__base') }}
    union all by name
    select
        city_code,
        year,
        indicator_code,
        scope,
        value,
        unit,
        is_imputed,
        is_corrected,
        'derived' as value_kind,
        0 as values_published
    from made
),

flag as (
    select
        city_code,
        year,
        indicator_code,
        scope,
        string_agg(check_id, ', ' order by check_id) as check_flags
    from {{ ref('figure_check') }}
    where not is_explained
    group by city_code, year, indicator_code, scope
),

suspect as (
    select
        city_code,
        year,
        indicator_code,
        scope,
        string_agg(root, ', ' order by root) as suspect_figures
    from {{ ref('int_check__root') }}
    group by city_code, year, indicator_code, scope
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
    figures.neighbour_year_after,
    flag.check_flags,
    suspect.suspect_figures is not null as has_suspect_figure,
    suspect.suspect_figures
from figures
left join {{ ref('indicator') }} as indicator on figures.indicator_code = indicator.indicator_code
left join flag
    on
        figures.city_code = flag.city_code
        and figures.year = flag.year
        and figures.indicator_code = flag.indicator_code
        and figures.scope = flag.scope
left join suspect
    on
        figures.city_code = suspect.city_code
        and figures.year = suspect.year
        and figures.indicator_code = suspect.indicator_code
        and figures.scope = suspect.scope
