-- One row per figure and check that it fails: what was expected, and what the other sources print.
with other as (
    select
        failed.city_code,
        failed.year,
        failed.indicator_code,
        failed.scope,
        failed.check_id,
        string_agg(
            source.source_id || ' ' || {{ number_text('source.value') }}, ', '
            order by source.standing
        ) as figures
    from {{ ref('int_check__failed') }} as failed
    inner join {{ ref('int_city_year__source') }} as source
        on
            failed.city_code = source.city_code
            and failed.year = source.year
            and failed.indicator_code = source.indicator_code
            and failed.scope = source.scope
            and failed.cell_id is distinct from source.cell_id
    group by failed.city_code, failed.year, failed.indicator_code, failed.scope, failed.check_id
)

select
    failed.city_code,
    failed.year::integer as year,
    failed.indicator_code,
    failed.scope,
    failed.check_id,
    failed.value,
    indicator.unit,
    failed.cell_id,
    failed.expected,
    other.figures as other_figures,
    failed.bound,
    failed.ratio,
    failed.explanation is not null as is_explained,
    failed.explanation
from {{ ref('int_check__failed') }} as failed
left join other
    on
        failed.city_code = other.city_code
        and failed.year = other.year
        and failed.indicator_code = other.indicator_code
        and failed.scope = other.scope
        and failed.check_id = other.check_id
left join {{ ref('indicator') }} as indicator on failed.indicator_code = indicator.indicator_code
