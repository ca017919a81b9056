"""The two-way effects beside the others, overall and by event time, made again by linearmodels.

Belongs here: that check. Does not belong here: the comparison (`analysis.methods.referee`). The other
estimators are in no library that the project has at run time; their tests hold them to references.
"""

from typing import Any

import numpy as np

from analysis.methods.base import Job, Made, Row
from analysis.methods.referee import check_rows
from analysis.methods.staggered.numbers.two_way import NAME
from analysis.regression.panel import fit_panel
from analysis.regression.rank import FloatArray
from analysis.regression.reference import check_fit

PART = "staggered"


def check(job: Job, made: Made) -> list[Row]:
    """Rows of `reference_check` of the policy's coefficients; none where two-way effects aren't asked."""
    found = made.evidence.found.get("two_way")
    if found is None:
        return []
    sample = made.evidence.sample
    since = sample.time - np.where(np.isnan(sample.cohort), np.inf, sample.cohort)
    policy = (since >= 0).astype(float)[:, None]
    whole = _checked(
        job, made, policy, {job.study.treatment: None},
        np.array([found.overall]), np.array([found.overall_error]),
    )  # fmt: skip
    told = np.isfinite(found.std_errors)
    at = np.clip(since, *job.design.window)
    dummies = np.column_stack([at == k for k in found.times[told]]).astype(float)
    points: dict[str, str | None] = {NAME.format(k): str(k) for k in found.times[told]}
    return whole + _checked(
        job, made, dummies, points, found.estimates[told], found.std_errors[told]
    )


def _checked(
    job: Job,
    made: Made,
    regressors: FloatArray,
    points: dict[str, str | None],
    estimates: FloatArray,
    errors: FloatArray,
) -> list[Row]:
    """Rows of some regressors (n, k), by name with their points, beside the controls of the design."""
    sample = made.evidence.sample
    arrays: dict[str, Any] = {
        "y": sample.y,
        "x": np.column_stack([regressors, sample.x[:, 1:]]),
        "unit": sample.unit,
        "time": sample.time,
        "effects": ("unit", "time"),
        "cluster": sample.cluster,
        "names": (*points, *sample.names[1:]),
    }
    fit = fit_panel(**arrays, convention=job.convention)
    checked = check_fit(fit, **arrays)
    k = len(points)
    key = {**job.key, "part": PART, "column_id": "two_way"}
    names = [(job.study.treatment, point) for point in points.values()]
    rows = check_rows(
        key, [*names, *((name, None) for name in checked.names[k:])], checked,
        np.append(estimates, fit.coefficients[k:]), np.append(errors, fit.std_errors[k:]), fit.rss,
    )  # fmt: skip
    return rows[:k]


__all__ = ["PART", "check"]
