select
    answer.study,
    answer.method,
    answer.design,
    answer.column_id,
    told.column_label,
    answer.term,
    term.label as term_label,
    answer.at_point,
    answer.estimate,
    answer.std_error,
    answer.statistic,
    answer.p_value,
    answer.ci_low,
    answer.ci_high,
    answer.stars
from estimates.estimate as answer
inner join estimates.study_column as told
    on
        answer.vintage = told.vintage
        and answer.study = told.study
        and answer.method = told.method
        and answer.design = told.design
        and answer.column_id = told.column_id
inner join estimates.study_term as term
    on answer.vintage = term.vintage and answer.study = term.study and answer.term = term.term
where answer.vintage = (select version.vintage from marts.dataset_version as version)
order by told.study, told.position, answer.rowid
