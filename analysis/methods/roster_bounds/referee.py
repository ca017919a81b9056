"""The policy's coefficient with all cities made again by linearmodels.

Belongs here: that choice. Does not belong here: the comparison (`analysis.methods.referee`).
"""

from analysis.methods.base import Job, Made, Row
from analysis.methods.referee import column_rows

PART = "roster_bounds"


def check(job: Job, made: Made) -> list[Row]:
    """Rows of `reference_check`."""
    return column_rows(job, PART, made.evidence[:1])


__all__ = ["PART", "check"]
