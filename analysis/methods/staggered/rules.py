"""Rules of the last gate on staggered designs, beyond those that follow from the tables' declarations.

Belongs here: what must hold between their tables, and what a reader should be warned of. Does not belong
here: columns and their roles (`tables`).
"""

from analysis.methods.base import GateRule

RULES = (
    GateRule(
        id="comparisons_make_the_whole",
        severity="critical",
        table="two_way_comparison",
        key=("study", "design"),
        reason="The weights of the comparisons that a two-way effect is made of add up to 1, none negative.",
        query="""
select study, design, sum(weight) as weights, min(weight) as least
from {batch}
inner join marts.dataset_version using (vintage)
group by study, design
having not coalesce(abs(sum(weight) - 1) <= 1e-9 and min(weight) >= 0, false)
order by study, design""",
    ),
    GateRule(
        id="two_way_effect_within_the_others",
        severity="warn",
        table="staggered_effect",
        key=("study", "design", "column_id"),
        advice="report the estimators for staggered adoption beside the two-way effect",
        reason="An estimator that allows effects to differ and whose interval excludes the two-way effect says"
        " that the two-way effect is no average of theirs: read the others.",
        query="""
select other.study, other.design, other.column_id, other.estimate, other.ci_low, other.ci_high,
    two_way.estimate as two_way
from {batch} as other
inner join marts.dataset_version using (vintage)
inner join estimates.staggered_effect as two_way
    on
        other.vintage = two_way.vintage
        and other.study = two_way.study
        and other.design = two_way.design
        and two_way.column_id = 'two_way'
where other.column_id <> 'two_way' and not two_way.estimate between other.ci_low and other.ci_high
order by other.study, other.design, other.column_id""",
    ),
    GateRule(
        id="staggered_band_holds_the_interval",
        severity="critical",
        table="staggered_time",
        key=("study", "design", "column_id", "event_time"),
        reason="A band that covers all effects at once is nowhere narrower than the interval of one.",
        query="""
select study, design, column_id, event_time, ci_low, ci_high, band_low, band_high
from {batch}
inner join marts.dataset_version using (vintage)
where
    estimate is not null
    and not coalesce(
        band_low <= ci_low + 1e-9 * std_error and ci_high <= band_high + 1e-9 * std_error, false
    )
order by study, design, column_id, event_time""",
    ),
)

__all__ = ["RULES"]
