"""Rules of the last gate on specification curves, beyond those that follow from the tables' declarations."""

from analysis.methods.base import GateRule

RULES = (
    GateRule(
        id="first_specification_is_the_column",
        severity="critical",
        table="specification",
        key=("study", "design", "specification"),
        reason="The first combination is the column itself: its shared projection must give the regression's"
        " numbers, or all others are in doubt.",
        query="""
select own.study, own.design, own.specification, own.estimate, own.std_error, column_itself.estimate as of_column,
    column_itself.std_error as error_of_column
from {batch} as own
inner join marts.dataset_version using (vintage)
inner join estimates.study_status as status using (vintage, study)
inner join estimates.estimate as column_itself
    on column_itself.vintage = own.vintage and column_itself.study = own.study
        and column_itself.method = 'specification_curve' and column_itself.design = own.design
        and column_itself.column_id = 'base' and column_itself.term = status.treatment
where
    own.specification = 's1'
    and not coalesce(
        abs(own.estimate - column_itself.estimate) <= 1e-8 * own.std_error
        and abs(own.std_error / column_itself.std_error - 1) <= 1e-8,
        false
    )
order by own.study, own.design""",
    ),
    GateRule(
        id="curve_counts_its_specifications",
        severity="critical",
        table="specification_curve",
        key=("study", "design"),
        reason="Shares and median are of the specifications that are shown.",
        query="""
select whole.study, whole.design, whole.n_specifications, whole.n_estimated, parts.declared, parts.told,
    whole.share_positive, parts.positive
from {batch} as whole
inner join marts.dataset_version using (vintage)
left join (
    select vintage, study, design, count(*) as declared,
        count(*) filter (where status = 'estimated') as told,
        count(*) filter (where status = 'estimated' and p_value < 0.05 and estimate > 0) as positive
    from estimates.specification
    group by vintage, study, design
) as parts using (vintage, study, design)
where not coalesce(
    whole.n_specifications = parts.declared and whole.n_estimated = parts.told
    and abs(whole.share_positive * parts.told - parts.positive) < 1e-6,
    false
)
order by whole.study, whole.design""",
    ),
)

__all__ = ["RULES"]
