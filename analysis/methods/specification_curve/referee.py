"""The column that specifications vary, made again by linearmodels; tests hold the others to the regression."""

from analysis.methods.base import Job, Made, Row
from analysis.methods.referee import column_rows


def check(job: Job, made: Made) -> list[Row]:
    """Rows of `reference_check`."""
    return column_rows(job, "specification_curve", made.evidence)


__all__ = ["check"]
