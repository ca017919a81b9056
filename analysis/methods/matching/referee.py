"""Regressions on matched rows made again by linearmodels, with the same weights.

Belongs here: which columns. Does not belong here: the comparison (`analysis.methods.referee`); that scores,
neighbours and weights are right is a test.

Of the columns that are matched on the same (cities, city-years) the first is made again: they differ in
weights alone, and linearmodels takes half a second for each.
"""

from analysis.methods.base import Job, Made, Row
from analysis.methods.linear import FittedColumn
from analysis.methods.referee import column_rows

PART = "matching"


def check(job: Job, made: Made) -> list[Row]:
    """Rows of `reference_check`."""
    on = {column.id: (column.cases, column.treated) for column in job.design.columns}
    firsts: dict[tuple[str, str], FittedColumn] = {}
    for column in made.evidence:
        firsts.setdefault(on[column.equation.column_id], column)
    return column_rows(job, PART, tuple(firsts.values()))


__all__ = ["PART", "check"]
