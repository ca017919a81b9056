"""Running bounds for an incomplete roster: the equation without cities that the roster may lack.

Belongs here: from the design and its sample to rows of tables. Does not belong here: the search
(`numbers`), the regression (`analysis.methods.linear`).
"""

from typing import Any

import numpy as np

from analysis.blas import one_thread
from analysis.methods.base import Job, Made, Row, Skipped
from analysis.methods.columns import column_row, skipped_fit
from analysis.methods.linear import FittedColumn, arrays_of, fit_block, rows_of
from analysis.methods.roster_bounds.equations import (
    AS_LISTED,
    CHOSEN,
    LABELS,
    LISTED_ONLY,
    SURE,
    block_of,
    equation_of,
)
from analysis.methods.roster_bounds.numbers import Direction, furthest_out
from analysis.regression.panel import PanelRegressionError, fit_panel
from analysis.study.panel import EstimationError
from analysis.study.sample import Sample
from analysis.study.spec import LISTED, UNSURE

NO_TEST = "its cities are chosen for the estimate: a bound and no test, no stars"

Tables = dict[str, list[Row]]


def run(job: Job) -> Made | Skipped:
    """Estimate the columns; `Skipped` where the roster lacks nothing, or nobody knows.

    Raises EstimationError as `fit_block` does for the column with all cities.
    """
    batches = job.facts.rosters.get(job.study.policy.policy_id, ())
    missing = sum(batch.missing for batch in batches)
    if not missing:
        lacks = "lacks no announced entry" if batches else "isn't known beside these data"
        return Skipped(f"the roster of {job.study.policy.policy_id} {lacks}")
    fitted = fit_block(job, block_of(job.study, job.design, AS_LISTED))
    if not fitted.columns:
        return Skipped(fitted.reason, fitted.tables)
    whole = fitted.columns[0]
    tables: Tables = {**fitted.tables, "roster_bound": []}
    made = [whole]
    for column in (SURE, LISTED_ONLY):
        found = _filtered(job, column)
        _add(tables, found if isinstance(found, dict) else rows_of(job, found))
        if isinstance(found, FittedColumn):
            made.append(found)
    for direction in CHOSEN:
        chosen = _chosen(job, whole, missing, direction)
        _add(tables, _without_stars(rows_of(job, chosen)))
        made.append(chosen)
    tables["study_column"] = [
        column_row(
            job, block_of(job.study, job.design), equation_of(job.study, job.design, column), None
        )
        for column in LABELS
    ]
    everyone = set(whole.sample.unit.tolist())
    tables["roster_bound"] = [_row(job, column, everyone, missing) for column in made]
    return Made(tables, tuple(made))


def _filtered(job: Job, column: str) -> FittedColumn | Tables:
    """A column whose cities a filter tells, or the rows that say why it can't be."""
    equation = equation_of(job.study, job.design, column)
    named = (LISTED if column == LISTED_ONLY else UNSURE).format(policy=job.study.treatment)
    if named not in job.data.rows:
        reason = f"the panel has no {named}"
        return {"model_fit": [skipped_fit(job, equation, reason)]}
    try:
        sample = job.sample(equation)
        if not len(sample.y):
            raise EstimationError("no city is left")
        return _fitted(job, equation_of(job.study, job.design, column), sample)
    except (EstimationError, PanelRegressionError) as error:
        reason = str(error).removeprefix(f"{job.where}, column {column}: ")
        return {"model_fit": [skipped_fit(job, equation, reason)]}


def _chosen(job: Job, whole: FittedColumn, missing: int, direction: Direction) -> FittedColumn:
    """The column without the untreated cities that move the estimate furthest in a direction."""
    sample = whole.sample
    untreated = sorted(set(sample.unit.tolist()) - set(sample.unit[sample.treated == 1].tolist()))
    found = furthest_out(whole.arrays, job.study.treatment, untreated, missing, direction)
    kept = ~np.isin(sample.unit, found.left_out)
    rest = sample.among(kept, left_out=int((~kept).sum()))
    return _fitted(job, equation_of(job.study, job.design, direction), rest)


@one_thread
def _fitted(job: Job, equation: Any, sample: Sample) -> FittedColumn:
    arrays = arrays_of(equation, sample)
    fit = fit_panel(**arrays, outcome=equation.outcome, convention=job.convention)
    for term in fit.dropped:
        if term.name == job.study.treatment:
            raise EstimationError(f"{term.name} {term.reason}")
    return FittedColumn(equation, sample, fit, arrays)


def _without_stars(tables: Tables) -> Tables:
    """Rows of a column whose cities were chosen: no stars, and the reason."""
    for row in tables["estimate"]:
        row["stars"] = ""
    for row in tables["model_fit"]:
        row["detail"] = "; ".join(filter(None, [row["detail"], NO_TEST]))
    return tables


def _add(tables: Tables, further: Tables) -> None:
    for name, rows in further.items():
        tables[name] = [*tables.get(name, []), *rows]


def _row(job: Job, column: FittedColumn, everyone: set[Any], missing: int) -> Row:
    fit, name = column.fit, column.equation.column_id
    k = fit.position(job.study.treatment)
    gone = sorted(everyone - set(column.sample.unit.tolist()))
    return {
        "study": job.study.id,
        "design": job.design.id,
        "column_id": name,
        "title": job.design.title,
        "label": column.equation.label,
        "n_entries_missing": missing,
        "n_left_out": len(gone),
        "left_out": "|".join(map(str, gone)) if name in CHOSEN else None,
        "estimate": fit.coefficients[k],
        "std_error": fit.std_errors[k],
        "ci_low": fit.ci_low[k],
        "ci_high": fit.ci_high[k],
    }


__all__ = ["NO_TEST", "run"]
