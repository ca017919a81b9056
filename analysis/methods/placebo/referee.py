"""The true estimate of a placebo made again by linearmodels.

Belongs here: that choice. Does not belong here: the comparison (`analysis.methods.referee`); that draws
are refitted exactly is a test.
"""

from analysis.methods.base import Job, Made, Row
from analysis.methods.referee import column_rows

PART = "placebo"


def check(job: Job, made: Made) -> list[Row]:
    """Rows of `reference_check`."""
    return column_rows(job, PART, made.evidence[:1])


__all__ = ["PART", "check"]
