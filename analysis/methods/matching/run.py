"""Running a matching: each column's cases are matched, and the equation estimated on what is left.

Belongs here: the order of things, the matched sample, columns that nobody is matched in. Does not belong
here: choosing (`choose`), rows of the own tables (`rows`), the regression (`analysis.regression`).
"""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from analysis.blas import one_thread
from analysis.methods.base import Job, Made, Row, Skipped
from analysis.methods.columns import column_row, skipped_fit, term_rows
from analysis.methods.errors import error_rows
from analysis.methods.linear import FittedColumn, arrays_of, rows_of, unavailable
from analysis.methods.matching.choose import MATCHED, Chosen, choose
from analysis.methods.matching.equations import block_of, covariates_of
from analysis.methods.matching.pools import Pool, pool_of
from analysis.methods.matching.rows import column_rows, pool_rows
from analysis.methods.matching.spec import MatchedColumn, Matching
from analysis.methods.matching.tables import TABLES
from analysis.methods.support import without_error
from analysis.regression.panel import PanelRegressionError, fit_panel
from analysis.study.data import EstimationError
from analysis.study.equations import Equation
from analysis.study.sample import Sample, empty_reason

Tables = dict[str, list[Row] | pd.DataFrame]


@one_thread
def run(job: Job) -> Made | Skipped:
    """Match and estimate every column; `Skipped` where none can be.

    A column that matches nobody, or whose matched rows carry no regression, is skipped with the reason
    and takes no other with it. Raises EstimationError if the sample is empty.
    """
    design: Matching = job.design
    block = block_of(job.study, design)
    first = block.equations[0]
    reason = unavailable(job, first) or _without_covariate(job)
    sample = None if reason else job.sample(first, first.names)
    if sample is not None and sample.account["used"] == 0:
        raise EstimationError(f"{job.where}: {empty_reason(sample)}")
    made = _Made(job)
    fitted: list[FittedColumn] = []
    reasons: list[str] = []
    for column, equation in zip(design.columns, block.equations, strict=True):
        made.add({"study_column": [column_row(job, block, equation, None)]})
        found = reason if sample is None else _column(made, column, equation, sample)
        if isinstance(found, str):
            reasons.append(found)
            made.add({"model_fit": [skipped_fit(job, equation, found)]})
        else:
            fitted.append(found)
    terms = [term for column in fitted for term in column.fit.names]
    made.add(
        {
            "study_term": term_rows(
                job, [*terms, *(covariates_of(job.study, design) if fitted else ())]
            )
        }
    )
    if not fitted:
        return Skipped("; ".join(dict.fromkeys(reasons)), made.tables)
    asked = {column.id: design.errors or () for column in design.columns}
    made.add({"estimate_error": error_rows(job, fitted, asked)})
    return Made(made.tables, tuple(fitted))


def _without_covariate(job: Job) -> str:
    """Why cities can't be matched at all: a covariate that has no value."""
    for name in covariates_of(job.study, job.design):
        if not job.data.has(name):
            columns = ", ".join(job.study.columns_of(name))
            return f"{job.study.label_of(name)} ({columns}) has no value in these rows of the panel"
    return ""


class _Made:
    """Rows of a design as they come, and its pools, each made once."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self._rows: dict[str, list[Row]] = {}
        self._frames: dict[str, list[pd.DataFrame]] = {}
        self._pools: dict[tuple[str, str], Pool] = {}

    def add(self, tables: Mapping[str, list[Row] | pd.DataFrame]) -> None:
        """More of some tables: rows, or a frame where there are thousands."""
        for name, part in tables.items():
            if isinstance(part, pd.DataFrame):
                self._frames.setdefault(name, []).append(part)
            else:
                self._rows.setdefault(name, []).extend(part)

    @property
    def tables(self) -> Tables:
        """All that was added, by table."""
        whole = {t.name: t.joined(self._frames[t.name]) for t in TABLES if t.name in self._frames}
        return {**self._rows, **whole}

    def pool(self, sample: Sample, column: MatchedColumn) -> Pool:
        """The cases of a column; those of others that match on the same are shared."""
        key = (column.cases, column.treated)
        if key not in self._pools:
            pool = pool_of(self.job, sample, column)
            self._pools[key] = pool
            self.add(pool_rows(self.job, pool))
        return self._pools[key]


def _column(
    made: _Made, column: MatchedColumn, equation: Equation, sample: Sample
) -> FittedColumn | str:
    """A column as matched and estimated, or why it isn't."""
    job = made.job
    try:
        pool = made.pool(sample, column)
        chosen = choose(column, pool)
        matched = _matched_sample(sample, pool, chosen)
        arrays = arrays_of(equation, matched)
        if column.weighted:
            arrays["weights"] = chosen.weight[pool.of_row][_used(pool, chosen)]
        fit = fit_panel(**arrays, outcome=equation.outcome, convention=job.convention)
    except PanelRegressionError as error:
        return f"on the matched rows: {error}"
    except ValueError as error:
        return str(error)
    for term in fit.dropped:
        if term.name in equation.regressors:
            return (
                f"on the matched rows {term.name} {term.reason}, so its coefficient can't be told"
            )
    lost = without_error(fit, equation)
    if lost:
        return lost
    fitted = FittedColumn(equation, matched, fit, arrays)
    rows = rows_of(job, fitted)
    warning, own = column_rows(job, column, pool, chosen, len(np.unique(matched.unit)))
    for row in rows["model_fit"]:
        row["detail"] = "; ".join(said for said in (row["detail"], warning) if said)
    made.add(rows)
    made.add(own)
    return fitted


def _used(pool: Pool, chosen: Chosen) -> Any:
    """Rows (n,) of the sample whose case is matched."""
    return (chosen.weight > 0)[pool.of_row]


def _matched_sample(sample: Sample, pool: Pool, chosen: Chosen) -> Sample:
    """The rows of matched cases, with an account of every other."""
    used = _used(pool, chosen)
    left = Counter(chosen.state[pool.of_row].tolist())
    left.pop(MATCHED, None)
    return sample.among(used, **{name: left[name] for name in sorted(left)})


__all__ = ["run"]
