"""Which columns of a table of regressions linearmodels makes again.

Belongs here: the choice. Does not belong here: the comparison (`analysis.methods.referee`).

A call of linearmodels takes about ten times as long as the fit it checks, so not all columns are made
again. The choice is the same each time: of a study's first table every column, of each further one its
first estimated column, which is a group's where the table splits.
"""

from analysis.methods.base import Job, Made, Row
from analysis.methods.referee import FIRST_TABLE, FURTHER_TABLE, column_rows


def check(job: Job, made: Made) -> list[Row]:
    """Rows of `reference_check`."""
    first = job.position == 0
    columns = made.evidence if first else made.evidence[:1]
    return column_rows(job, FIRST_TABLE if first else FURTHER_TABLE, columns)


__all__ = ["check"]
