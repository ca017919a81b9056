"""An event study's regression made again by linearmodels, from dummies written out anew.

Belongs here: the dummies of event time as the keys say them. Does not belong here: the comparison
(`analysis.methods.referee`).
"""

import numpy as np

from analysis.methods.base import Job, Made, Row
from analysis.methods.event_study.equations import TWO_WAY, equation_of
from analysis.methods.event_study.numbers import event_name
from analysis.methods.referee import check_rows
from analysis.regression.reference import check_fit
from analysis.study.equations import panel_effects

PART = "event_study"


def check(job: Job, made: Made) -> list[Row]:
    """Rows of `reference_check`, one per event time that was estimated and per control."""
    design, sample, fit = job.design, made.evidence.sample, made.evidence.found.fit
    first, last = design.window
    since = sample.time.astype(float) - sample.cohort
    kept = np.ones(len(since), dtype=bool)
    if design.ends == "leave_out":
        kept = ~((since < first) | (since > last))
    dummies = {}
    for k in range(first, last + 1):
        at = since == k
        if design.ends == "bin" and k == first:
            at = since <= k
        elif design.ends == "bin" and k == last:
            at = since >= k
        if k not in design.base and at[kept].any():
            dummies[event_name(k)] = at
    x = np.column_stack([*dummies.values(), sample.x[:, 1:]]).astype(float)
    check = check_fit(
        fit, sample.y[kept], x[kept], sample.unit[kept], sample.time[kept],
        effects=panel_effects(equation_of(job.study, design).effects), cluster=sample.cluster[kept],
        names=(*dummies, *sample.names[1:]),
    )  # fmt: skip
    times = {event_name(k): str(k) for k in range(first, last + 1)}
    points = [
        (job.study.treatment, times[name]) if name in times else (name, None)
        for name in check.names
    ]
    key = {**job.key, "part": PART, "column_id": TWO_WAY}
    return check_rows(key, points, check, fit.coefficients, fit.std_errors, fit.rss)


__all__ = ["PART", "check"]
