"""The two-way effect beside the others, made again by linearmodels.

Belongs here: that check. Does not belong here: the comparison (`analysis.methods.referee`). The other
estimators are in no library that the project has at run time; their tests hold them to references.
"""

import numpy as np

from analysis.methods.base import Job, Made, Row
from analysis.methods.referee import check_rows
from analysis.regression.panel import fit_panel
from analysis.regression.reference import check_fit

PART = "staggered"


def check(job: Job, made: Made) -> list[Row]:
    """The row of `reference_check` of the policy's coefficient; none where two-way effects aren't asked."""
    found = made.evidence.found.get("two_way")
    if found is None:
        return []
    sample = made.evidence.sample
    policy = (sample.time >= np.where(np.isnan(sample.cohort), np.inf, sample.cohort)).astype(float)
    arrays = {
        "y": sample.y,
        "x": np.column_stack([policy, sample.x[:, 1:]]),
        "unit": sample.unit,
        "time": sample.time,
        "effects": ("unit", "time"),
        "cluster": sample.cluster,
        "names": (job.study.treatment, *sample.names[1:]),
    }
    fit = fit_panel(**arrays, convention=job.convention)
    checked = check_fit(fit, **arrays)
    key = {**job.key, "part": PART, "column_id": "two_way"}
    rows = check_rows(
        key, [(name, None) for name in checked.names], checked,
        np.array([found.overall, *fit.coefficients[1:]]),
        np.array([found.overall_error, *fit.std_errors[1:]]), fit.rss,
    )  # fmt: skip
    return rows[:1]


__all__ = ["PART", "check"]
