"""Which regressions of a mediation linearmodels makes again.

Belongs here: the choice: the total effect and both steps of the first mediator that was estimated. Does
not belong here: the comparison (`analysis.methods.referee`).
"""

from analysis.methods.base import Job, Made, Row
from analysis.methods.referee import MEDIATION, column_rows

CHECKED_COLUMNS = 3
"""Total effect, policy on mediator, mediator held."""


def check(job: Job, made: Made) -> list[Row]:
    """Rows of `reference_check`."""
    return column_rows(job, MEDIATION, made.evidence[:CHECKED_COLUMNS])


__all__ = ["CHECKED_COLUMNS", "check"]
