"""Running a table of regressions: its columns, and the tests between groups of a split.

Belongs here: what a table of regressions adds to columns that several methods have (`linear`). Does not
belong here: the regression (`analysis.regression`), the tests (`split_tests`).
"""

from analysis.methods.base import Job, Made, Skipped
from analysis.methods.errors import error_rows
from analysis.methods.linear import FittedBlock, fit_block
from analysis.methods.regression.drawn_tests import drawn_test_rows
from analysis.methods.regression.equations import block_of, errors_of
from analysis.methods.regression.split_tests import split_test_rows


def run(job: Job) -> Made | Skipped:
    """Estimate every column of a table; `Skipped` where these data can answer none.

    Raises EstimationError as `fit_block` does.
    """
    fitted = fit_block(job, block_of(job.study, job.design))
    if not fitted.columns:
        return Skipped(fitted.reason, fitted.tables)
    errors = {"estimate_error": error_rows(job, fitted.columns, errors_of(job.design))}
    return Made({**fitted.tables, **errors, **_tests(job, fitted)}, fitted.columns)


def _tests(job: Job, fitted: FittedBlock) -> dict[str, list[dict[str, object]]]:
    """Rows of the tests between groups, by table."""
    found: dict[str, list[dict[str, object]]] = {
        "split_test": [], "split_joint_test": [], "split_drawn_test": [],
    }  # fmt: skip
    drawn = {column.id: column.drawn_tests for column in job.design.columns}
    for split_id, groups in fitted.groups.items():
        columns = [c for c in fitted.columns if c.equation.split_id == split_id]
        members = [(column.equation, column.fit) for column in columns]
        tests = split_test_rows(job.study, job.design.id, split_id, groups, members)
        for name, rows in tests.items():
            found[name] += rows
        found["split_drawn_test"] += drawn_test_rows(job, split_id, columns, drawn[split_id])
    return found


__all__ = ["run"]
