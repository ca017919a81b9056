select
    status.subject_id,
    coalesce(indicator.name_en, definition.name_en, status.subject_id) as title,
    status.status,
    status.scale,
    status.price_basis,
    status.detail,
    status.weight_column,
    case subject.kind when 'index' then 'score, 0 to 1' else indicator.unit end as unit
from estimates.inequality_status as status
inner join seed.comparison_subject as subject on status.subject_id = subject.subject_id
left join marts.dim_indicator as indicator
    on subject.kind = 'indicator' and subject.code = indicator.indicator_code
left join seed.index_definition as definition
    on subject.kind = 'index' and subject.code = definition.index_id
where status.vintage = (select version.vintage from marts.dataset_version as version)
order by subject.kind, status.subject_id
