"""A moderated effect's regressions made again by linearmodels, from products written out anew.

Belongs here: the products as the keys say them. Does not belong here: the comparison
(`analysis.methods.referee`).
"""

import numpy as np

from analysis.methods.base import Job, Made, Row
from analysis.methods.linear import FittedColumn
from analysis.methods.moderation.equations import LINEAR
from analysis.methods.moderation.numbers import EFFECT, SLOPE, Floats, Term
from analysis.methods.moderation.run import Evidence
from analysis.methods.referee import check_rows
from analysis.regression.reference import check_fit

PART = "moderation"
ROUNDING = 1e-9
"""A cut is often a city's own mean; made anew its last digit may differ, and the city stays in its bin."""


def check(job: Job, made: Made) -> list[Row]:
    """Rows of `reference_check`, one per term and point of both columns."""
    evidence: Evidence = made.evidence
    return [row for column in evidence.columns for row in _column(job, evidence, column)]


def _column(job: Job, evidence: Evidence, column: FittedColumn) -> list[Row]:
    fit, sample = column.fit, column.sample
    value = _moderator(job, column)
    m = value - evidence.centre
    own: dict[Term, Floats] = {}
    if column.equation.column_id == LINEAR:
        own |= {EFFECT: sample.treated, SLOPE: sample.treated * m, Term("level", ""): m}
    else:
        for j, median in enumerate(evidence.medians):
            low, high = evidence.cuts[j : j + 2]
            inside = (value <= high + ROUNDING) & ((value > low + ROUNDING) | (j == 0))
            from_median = (value - median) * inside
            point = f"bin {j + 1}"
            own |= {
                Term("effect", point): sample.treated * inside,
                Term("slope", point): sample.treated * from_median,
                Term("level", point): from_median,
                Term("bin", f"{point} itself"): inside.astype(float),
            }
    for t in sorted(set(sample.time.tolist())):
        own[Term("year_slope", str(t))] = m * (sample.time == t)
    kept = [term for term in own if term.name in fit.names]
    x = np.column_stack([*(own[term] for term in kept), sample.x[:, 1:]]).astype(float)
    check = check_fit(
        fit, sample.y, x, sample.unit, sample.time,
        effects=column.arrays["effects"], cluster=sample.cluster,
        names=(*(term.name for term in kept), *sample.names[1:]),
    )  # fmt: skip
    points = [column.places.get(name, (name, None)) for name in check.names]
    key = {**job.key, "part": PART, "column_id": column.equation.column_id}
    return check_rows(key, points, check, fit.coefficients, fit.std_errors, fit.rss)


def _moderator(job: Job, column: FittedColumn) -> Floats:
    """The moderator (n) of the column's rows, looked up row by row."""
    design, rows = job.design, job.data.rows
    values = job.data.value(design.moderator)[0]
    if design.over is None:
        return np.asarray(values[column.sample.rows])
    by_city: dict[object, list[float]] = {}
    first, last = design.over
    panel = job.study.panel
    for city, year, value in zip(rows[panel.unit], rows[panel.time], values, strict=True):
        if first <= year <= last and np.isfinite(value):
            by_city.setdefault(city, []).append(float(value))
    return np.array([np.mean(by_city[city]) for city in column.sample.unit])


__all__ = ["PART", "check"]
