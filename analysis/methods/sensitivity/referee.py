"""The two-way event study that is analysed, made again by linearmodels.

Belongs here: that check. Does not belong here: the comparison (`analysis.methods.referee`). Intervals are held to
HonestDiD and to linear programs by the room's tests, other event studies by those of staggered adoption.
"""

import numpy as np

from analysis.methods.base import Job, Made, Row
from analysis.methods.referee import check_rows
from analysis.methods.sensitivity.equations import as_staggered
from analysis.methods.staggered.numbers.two_way import NAME
from analysis.regression.panel import fit_panel
from analysis.regression.reference import check_fit

PART = "sensitivity"


def check(job: Job, made: Made) -> list[Row]:
    """Rows of `reference_check` of the effects that are used; none where two-way effects aren't asked."""
    used = made.evidence.used.get("two_way")
    if used is None:
        return []
    sample, found = made.evidence.sample, made.evidence.found["two_way"]
    since = sample.time - np.where(np.isnan(sample.cohort), np.inf, sample.cohort)
    at = np.clip(since, *as_staggered(job.design).window)
    dummies = np.column_stack([at == k for k in found.times]).astype(float)
    arrays = {
        "y": sample.y,
        "x": np.column_stack([dummies, sample.x[:, 1:]]),
        "unit": sample.unit,
        "time": sample.time,
        "effects": ("unit", "time"),
        "cluster": sample.cluster,
        "names": (*(NAME.format(k) for k in found.times), *sample.names[1:]),
    }
    fit = fit_panel(**arrays, convention=job.convention)
    checked = check_fit(fit, **arrays)
    released = dict(zip(used.times, used.effects.estimates, strict=True))
    errors = dict(zip(used.times, np.sqrt(np.diag(used.effects.covariance)), strict=True))
    points = {NAME.format(k): k for k in used.times}
    mine = [points.get(name) for name in checked.names]
    rows = check_rows(
        {**job.key, "part": PART, "column_id": "two_way"},
        [(job.study.treatment, None if k is None else str(k)) for k in mine],
        checked,
        np.array([np.nan if k is None else released[k] for k in mine]),
        np.array([np.nan if k is None else errors[k] for k in mine]),
        fit.rss,
    )
    return [row for row, k in zip(rows, mine, strict=True) if k is not None]


__all__ = ["PART", "check"]
