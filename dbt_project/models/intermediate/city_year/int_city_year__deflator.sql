-- One row per city x year with GDP or a deflator: the price level of output, 1 in the first year of the unbroken run.
-- A year's step is the printed deflator's where two years have one, else nominal over real growth of GDP.
-- A year without a step starts a new run: levels of two runs can't be compared, and nothing bridges the gap.
-- Only the ratio of two levels of a run has a meaning, so the base year is chosen where it is used.
with figures as (
    select
        city_code,
        year,
        max(value) filter (where indicator_code = 'gdp') as gdp,
        bool_or(is_imputed) filter (where indicator_code = 'gdp') as gdp_imputed,
        bool_or(is_corrected) filter (where indicator_code = 'gdp') as gdp_corrected,
        max(value) filter (where indicator_code = 'gdp_index') as gdp_index,
        bool_or(is_imputed) filter (where indicator_code = 'gdp_index') as gdp_index_imputed,
        bool_or(is_corrected) filter (where indicator_code = 'gdp_index') as gdp_index_corrected,
        max(value) filter (where indicator_code = 'gdp_growth_rate') as gdp_growth_rate,
        bool_or(is_imputed) filter (where indicator_code = 'gdp_growth_rate') as gdp_growth_rate_imputed,
        bool_or(is_corrected) filter (where indicator_code = 'gdp_growth_rate') as gdp_growth_rate_corrected,
        max(value) filter (where indicator_code = 'gdp_deflator') as gdp_deflator,
        bool_or(is_imputed) filter (where indicator_code = 'gdp_deflator') as gdp_deflator_imputed,
        bool_or(is_corrected) filter (where indicator_code = 'gdp_deflator') as gdp_deflator_corrected
    from {{ ref('int_city_year__base') }}
    where
        scope = 'total'
        and indicator_code in ('gdp', 'gdp_index', 'gdp_growth_rate', 'gdp_deflator')
    group by city_code, year
),

paired as (
    select
        this_year.*,
        year_before.gdp as gdp_before,
        year_before.gdp_imputed as gdp_before_imputed,
        year_before.gdp_corrected as gdp_before_corrected,
        year_before.gdp_deflator as gdp_deflator_before,
        year_before.gdp_deflator_imputed as gdp_deflator_before_imputed,
        year_before.gdp_deflator_corrected as gdp_deflator_before_corrected,
        case
            when this_year.gdp_deflator > 0 and year_before.gdp_deflator > 0 then 'gdp_deflator'
            when this_year.gdp > 0 and year_before.gdp > 0 and this_year.gdp_index > 0 then 'gdp_index'
            when this_year.gdp > 0 and year_before.gdp > 0 and this_year.gdp_growth_rate > -100
                then 'gdp_growth_rate'
        end as method
    from figures as this_year
    left join figures as year_before
        on this_year.city_code = year_before.city_code and this_year.year = year_before.year + 1
    where this_year.gdp > 0 or this_year.gdp_deflator > 0
),

steps as (
    select
        city_code,
        year,
        method,
        case method
            when 'gdp_deflator' then gdp_deflator / gdp_deflator_before
            when 'gdp_index' then gdp / gdp_before / (gdp_index / 100)
            when 'gdp_growth_rate' then gdp / gdp_before / (1 + gdp_growth_rate / 100)
        end as step,
        case method
            when 'gdp_deflator' then gdp_deflator_imputed or gdp_deflator_before_imputed
            when 'gdp_index' then gdp_imputed or gdp_before_imputed or gdp_index_imputed
            when 'gdp_growth_rate' then gdp_imputed or gdp_before_imputed or gdp_growth_rate_imputed
            else false
        end as is_imputed,
        case method
            when 'gdp_deflator' then gdp_deflator_corrected or gdp_deflator_before_corrected
            when 'gdp_index' then gdp_corrected or gdp_before_corrected or gdp_index_corrected
            when 'gdp_growth_rate'
                then gdp_corrected or gdp_before_corrected or gdp_growth_rate_corrected
            else false
        end as is_corrected
    from paired
),

runs as (
    select
        *,
        max(case when step is null then year end) over (
            partition by city_code
            order by year
            rows between unbounded preceding and current row
        ) as run_first_year
    from steps
)

select
    city_code,
    year,
    run_first_year,
    method,
    step,
    {{ list_product(list_by('coalesce(step, 1)', 'year') ~ ' over so_far') }} as price_level,
    sum(case when is_imputed then 1 else 0 end) over so_far as imputed_steps,
    sum(case when is_corrected then 1 else 0 end) over so_far as corrected_steps
from runs
window
    so_far as (
        partition by city_code, run_first_year
        order by year
        rows between unbounded preceding and current row
    )
