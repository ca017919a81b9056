"""A moderated effect's regressions made again by linearmodels, from products written out anew.

Belongs here: the products as the keys say them. Does not belong here: the comparison
(`analysis.methods.referee`).
"""

import numpy as np

from analysis.methods.base import Job, Made, Row
from analysis.methods.linear import FittedColumn
from analysis.methods.moderation.equations import LINEAR
from analysis.methods.moderation.numbers import Floats
from analysis.methods.moderation.run import Evidence, place_of
from analysis.methods.referee import check_rows
from analysis.regression.reference import check_fit

PART = "moderation"


def check(job: Job, made: Made) -> list[Row]:
    """Rows of `reference_check`, one per term and point of both columns."""
    evidence: Evidence = made.evidence
    return [row for column in evidence.columns for row in _column(job, evidence, column)]


def _column(job: Job, evidence: Evidence, column: FittedColumn) -> list[Row]:
    fit, sample = column.fit, column.sample
    value = _moderator(job, column)
    m = value - evidence.centre
    dummies: dict[str, Floats] = {}
    if column.equation.column_id == LINEAR:
        dummies |= {"d": sample.treated, "d_m": sample.treated * m, "m": m}
    else:
        for j, median in enumerate(evidence.medians):
            low, high = evidence.cuts[j : j + 2]
            inside = (value <= high) & ((value > low) | (j == 0))
            from_median = (value - median) * inside
            dummies |= {
                f"d_{j}": sample.treated * inside,
                f"d_m_{j}": sample.treated * from_median,
                f"m_{j}": from_median,
                f"g_{j}": inside.astype(float),
            }
    dummies |= {f"m_{t}_year": m * (sample.time == t) for t in sorted(set(sample.time.tolist()))}
    kept = [name for name in fit.names if name in dummies]
    x = np.column_stack([*(dummies[name] for name in kept), sample.x[:, 1:]]).astype(float)
    check = check_fit(
        fit, sample.y, x, sample.unit, sample.time,
        effects=column.arrays["effects"], cluster=sample.cluster,
        names=(*kept, *sample.names[1:]),
    )  # fmt: skip
    places = {name: place_of(job, *_kind(name)) for name in kept}
    points = [places.get(name, (name, None)) for name in check.names]
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


def _kind(name: str) -> tuple[str, str]:
    """Kind and point of a term from its name."""
    if name.endswith("_year"):
        return "year_slope", name.split("_")[1]
    kind, _, number = name.rpartition("_") if name[-1].isdigit() else (name, "", "")
    point = f"bin {int(number) + 1}" if number else ("mean" if kind == "d" else "")
    return {
        "d": ("effect", point),
        "d_m": ("slope", point),
        "m": ("level", point),
        "g": ("level", f"{point} itself"),
    }[kind]


__all__ = ["PART", "check"]
