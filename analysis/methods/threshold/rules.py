"""Rules of the last gate on threshold models, beyond those that follow from their declaration.

Belongs here: what must hold between numbers of these tables. Does not belong here: rules of one column
by its role (they are made of the declarations).
"""

from analysis.methods.base import GateRule

RULES = (
    GateRule(
        id="thresholds_in_order",
        severity="critical",
        table="threshold_search",
        reason=(
            "Thresholds of a model are numbered from the lowest; two that are out of order were paired"
            " with each other's regimes."
        ),
        query="""
select study, design, n_thresholds, threshold_no, estimate, before
from (
  select *, lag(estimate) over (
    partition by vintage, study, design, n_thresholds order by threshold_no
  ) as before
  from {batch}
)
where before >= estimate
order by study, design, n_thresholds, threshold_no
""",
    ),
    GateRule(
        id="robust_sets_hold_the_threshold",
        severity="critical",
        table="threshold_search",
        reason=(
            "A set of candidates that no test rejects holds the estimate, whose likelihood ratio is 0; one"
            " that doesn't is of another search."
        ),
        query="""
select study, design, n_thresholds, threshold_no, robust_low, estimate, robust_high
from {batch}
where robust_low > estimate or robust_high < estimate
order by study, design, n_thresholds, threshold_no
""",
    ),
    GateRule(
        id="slopes_are_the_estimates",
        severity="critical",
        table="threshold_slope",
        reason=(
            "The slopes stand in estimate as well, where all methods' coefficients are; two that differ"
            " are of two searches."
        ),
        query="""
select slope.study, slope.design, slope.n_thresholds, slope.regime, slope.term,
  slope.estimate, tidy.estimate as in_estimate
from {batch} as slope
inner join marts.dataset_version using (vintage)
left join estimates.estimate as tidy
  on tidy.vintage = slope.vintage and tidy.study = slope.study and tidy.method = 'threshold'
    and tidy.design = slope.design and tidy.column_id = slope.n_thresholds::varchar
    and tidy.term = slope.term and tidy.at_point is not distinct from slope.regime::varchar
where slope.estimate is distinct from tidy.estimate
order by slope.study, slope.design, slope.n_thresholds, slope.regime, slope.term
""",
    ),
)

__all__ = ["RULES"]
