"""Which variations linearmodels makes again: the first that was estimated, as of further tables, and those with
effects of years by group or trends of cities, whose absorbing is code of its own.
"""

from analysis.methods.base import Job, Made, Row
from analysis.methods.referee import FURTHER_TABLE, column_rows


def check(job: Job, made: Made) -> list[Row]:
    """Rows of `reference_check`."""
    own = [c for c in made.evidence[1:] if c.equation.year_by or c.equation.city_trends]
    return column_rows(job, FURTHER_TABLE, [*made.evidence[:1], *own])


__all__ = ["check"]
