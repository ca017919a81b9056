"""Running a robustness table: the column that is varied, each variation, and the difference of the two.

Belongs here: the order, and rows of the table of variations. Does not belong here: the regression
(`analysis.methods.linear`), what a variation changes (`equations`).
"""

from collections import defaultdict
from typing import Any

import numpy as np

from analysis.methods.base import Job, Made, Row, Skipped
from analysis.methods.columns import column_row, skipped_fit
from analysis.methods.errors import error_rows
from analysis.methods.linear import FittedColumn, fit_block
from analysis.methods.robustness.equations import base_of, said, varied
from analysis.methods.robustness.spec import Robustness, Variation
from analysis.regression.difference import coefficient_difference
from analysis.regression.panel import PanelRegressionError
from analysis.study.data import EstimationError
from analysis.study.equations import Block, Equation, cluster_of

SIGNIFICANT = 0.05
"""Level at which signs of significance are compared."""
NO_CHANGE = 1e-9
"""Error of a difference, as a share of the estimate's own, below which it is rounding alone."""

Tables = dict[str, list[Row]]


def run(job: Job) -> Made | Skipped:
    """Estimate every variation; `Skipped` where these data can answer none.

    A variation that can't be estimated is skipped with the reason and takes no other with it. Raises
    EstimationError if the column that is varied can't be estimated.
    """
    design: Robustness = job.design
    base = base_of(job.study, design)
    fitted = fit_block(job, Block(design.id, design.title, (base,)))
    if not fitted.columns:
        return Skipped(f"column {design.column}: {fitted.reason}")
    (base_column,) = fitted.columns
    tables: Tables = defaultdict(list)
    columns: list[FittedColumn] = []
    reasons: list[str] = []
    for variation in design.variations:
        equation = varied(job.study, base, variation)
        made, found = _estimated(job, equation)
        for name, rows in made.items():
            tables[name] += rows
        if isinstance(found, str):
            reasons.append(found)
            continue
        columns.append(found)
        tables["variation"].append(_beside(job, variation, base_column, found))
    if not columns:
        return Skipped("; ".join(dict.fromkeys(reasons)), tables)
    tables["estimate_error"] = error_rows(
        job, columns, {each.id: design.errors or () for each in design.variations}
    )
    return Made(tables, tuple(columns))


def _estimated(job: Job, equation: Equation) -> tuple[Tables, FittedColumn | str]:
    """Rows of one variation, and its column, or why there is none."""
    design: Robustness = job.design
    block = Block(design.id, design.title, (equation,), design.published)
    try:
        fitted = fit_block(job, block)
    except EstimationError as error:
        reason = str(error).removeprefix(f"{job.where}, column {equation.column_id}: ")
        described = {
            "study_column": [column_row(job, block, equation, None)],
            "model_fit": [skipped_fit(job, equation, reason)],
        }
        return described, reason
    return fitted.tables, fitted.columns[0] if fitted.columns else fitted.reason


def _beside(job: Job, variation: Variation, base: FittedColumn, other: FittedColumn) -> Row:
    """`variation`: a variation beside the column that it varies."""
    term = job.study.treatment
    at, there = base.fit.position(term), other.fit.position(term)
    one, two = base.fit.coefficients[at], other.fit.coefficients[there]
    p_one, p_two = base.fit.p_values[at], other.fit.p_values[there]
    return {
        "study": job.study.id,
        "design": job.design.id,
        "column_id": variation.id,
        "label": variation.label,
        "rule": said(job.study, base.equation, variation),
        "varies": job.design.column,
        "term": term,
        "base_estimate": one,
        "base_std_error": base.fit.std_errors[at],
        "base_n_obs": base.fit.n_obs,
        "estimate": two,
        "std_error": other.fit.std_errors[there],
        "n_obs": other.fit.n_obs,
        "n_shared": len(np.intersect1d(base.sample.rows, other.sample.rows)),
        "same_sign": bool(np.sign(one) == np.sign(two)),
        "same_significance": bool((p_one < SIGNIFICANT) == (p_two < SIGNIFICANT)),
        **_difference(job, base, other),
    }


def _difference(job: Job, base: FittedColumn, other: FittedColumn) -> dict[str, Any]:
    """The change of the policy's coefficient with its error, where there is one."""
    term, study = job.study.treatment, job.study
    if base.equation.outcome != other.equation.outcome:
        return {}
    at, there = base.fit.position(term), other.fit.position(term)
    change = {"difference": other.fit.coefficients[there] - base.fit.coefficients[at]}
    if cluster_of(study, base.equation) != cluster_of(study, other.equation):
        return change
    try:
        test = coefficient_difference(other.fit, base.fit, term)
    except PanelRegressionError:  # other effects: the two don't stack
        return change
    if not test.std_error > NO_CHANGE * base.fit.std_errors[at]:
        return change
    return {**change, "difference_std_error": test.std_error, "difference_p": test.p_value}


__all__ = ["run"]
