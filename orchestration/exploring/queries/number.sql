create or replace temp table explorer_number as
with number as (
    select
        indicator_code || case scope when 'total' then '' else '_' || scope end as subject,
        city_code,
        year,
        value,
        null::integer as rank,
        left(value_kind, 1) as kind,
        coalesce(has_suspect_figure, false) as is_suspect
    from marts.indicator_value
    union all
    select
        'index_' || index_id as subject,
        city_code,
        year,
        score as value,
        rank,
        case when is_imputed then 'm' else 'd' end as kind,
        coalesce(has_suspect_figure, false) as is_suspect
    from marts.index_score
    union all
    select
        index_id || '.' || dimension as subject,
        city_code,
        year,
        score as value,
        null as rank,
        'd' as kind,
        coalesce(has_suspect_figure, false) as is_suspect
    from marts.index_dimension_score
    union all
    select
        'efficiency_' || model_id || '_' || variant as subject,
        city_code,
        year,
        score as value,
        rank,
        case when is_imputed then 'm' else 'd' end as kind,
        coalesce(has_suspect_figure, false) as is_suspect
    from marts.efficiency_score
    where status = 'ok'
)

select *
from number
where value is not null
