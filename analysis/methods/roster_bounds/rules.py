"""Rules of the last gate on bounds for an incomplete roster.

Belongs here: what must hold between the columns of a design. Does not belong here: columns of the table
and their roles (`tables`).
"""

from analysis.methods.base import GateRule

RULES = (
    GateRule(
        id="roster_bounds_hold_the_estimate",
        severity="critical",
        table="roster_bound",
        key=("study", "design"),
        reason="Both searches begin with all cities and only move outwards: bounds that don't hold the"
        " estimate of the roster as it is are of other rows or another equation.",
        query="""
select
    study,
    design,
    max(estimate) filter (where column_id = 'lowest') as lowest,
    max(estimate) filter (where column_id = 'as_listed') as as_listed,
    max(estimate) filter (where column_id = 'highest') as highest
from {batch}
inner join marts.dataset_version using (vintage)
group by study, design
having not coalesce(lowest <= as_listed and as_listed <= highest, false)
order by study, design""",
    ),
    GateRule(
        id="no_more_left_out_than_missing",
        severity="critical",
        table="roster_bound",
        key=("study", "design", "column_id"),
        reason="An entry that is missing is one city at most: a bound without more cities than that claims"
        " an ignorance that nobody has.",
        query="""
select study, design, column_id, n_left_out, n_entries_missing
from {batch}
inner join marts.dataset_version using (vintage)
where column_id in ('lowest', 'highest') and n_left_out > n_entries_missing
order by study, design, column_id""",
    ),
)

__all__ = ["RULES"]
