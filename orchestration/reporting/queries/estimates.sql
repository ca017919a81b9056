-- Coefficients that are one number each; those by regime, group or event time are their method's to show.
with pointed as (
    select distinct
        study,
        method,
        design
    from estimates.estimate
    where at_point is not null and vintage = (select version.vintage from marts.dataset_version as version)
)

select
    answer.study,
    answer.design as table_id,
    answer.column_id,
    told.column_label,
    answer.term,
    term.label as term_label,
    answer.estimate,
    answer.std_error,
    answer.statistic as t_value,
    answer.p_value,
    answer.ci_low,
    answer.ci_high,
    answer.stars,
    answer.published_column
from estimates.estimate as answer
inner join estimates.study_column as told
    on
        answer.vintage = told.vintage
        and answer.study = told.study
        and answer.method = told.method
        and answer.design = told.design
        and answer.column_id = told.column_id
left join estimates.study_term as term
    on
        answer.vintage = term.vintage
        and answer.study = term.study
        and answer.term = term.term
anti join pointed
    on
        answer.study = pointed.study
        and answer.method = pointed.method
        and answer.design = pointed.design
where answer.vintage = (select version.vintage from marts.dataset_version as version)
order by told.study, told.position, answer.rowid
