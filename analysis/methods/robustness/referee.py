"""Which variations linearmodels makes again: the first that was estimated, as of further tables.

Of those whose effects it has: effects of years by group and trends are held to brute force in tests.
"""

from analysis.methods.base import Job, Made, Row
from analysis.methods.referee import FURTHER_TABLE, column_rows


def check(job: Job, made: Made) -> list[Row]:
    """Rows of `reference_check`."""
    plain = [c for c in made.evidence if not (c.equation.year_by or c.equation.city_trends)]
    return column_rows(job, FURTHER_TABLE, plain[:1])


__all__ = ["check"]
