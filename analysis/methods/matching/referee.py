"""The regressions on matched rows made again by linearmodels, with the same weights.

Belongs here: which columns. Does not belong here: the comparison (`analysis.methods.referee`); that scores
and neighbours are right is a test.
"""

from analysis.methods.base import Job, Made, Row
from analysis.methods.referee import column_rows

PART = "matching"


def check(job: Job, made: Made) -> list[Row]:
    """Rows of `reference_check`."""
    return column_rows(job, PART, made.evidence)


__all__ = ["PART", "check"]
