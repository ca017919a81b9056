"""Which variations linearmodels makes again: the first that was estimated, as of further tables."""

from analysis.methods.base import Job, Made, Row
from analysis.methods.referee import FURTHER_TABLE, column_rows


def check(job: Job, made: Made) -> list[Row]:
    """Rows of `reference_check`."""
    return column_rows(job, FURTHER_TABLE, made.evidence[:1])


__all__ = ["check"]
