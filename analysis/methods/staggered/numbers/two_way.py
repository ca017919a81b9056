"""Two-way effects, overall and by event time, in the shape of the other estimators.

Belongs here: those two regressions, so that they stand beside. Does not belong here: the event study with its
tests (its own method), the regression (`analysis.regression`).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from analysis.methods.staggered.numbers.effects import PanelRows, StaggeredEffects
from analysis.methods.staggered.numbers.estimator import Asked, Estimator
from analysis.regression.conventions import DEFAULT_CONVENTION, Convention, variance_factor
from analysis.regression.panel import PanelRegressionError, fit_panel

NAME = "event {0}"


def two_way(
    rows: PanelRows, *, window: tuple[int, int], convention: Convention = DEFAULT_CONVENTION
) -> StaggeredEffects:
    """Leads and lags of one regression, ends of the window binned; overall the coefficient of the policy.

    Raises PanelRegressionError where the policy's coefficient can't be told.
    """
    unit, time, x, names = rows.unit, rows.time, rows.x, rows.names
    since = time - rows.first
    treated = (since >= 0).astype(float)
    options: dict[str, Any] = {
        "effects": ("unit", "time"), "cluster": rows.cluster, "convention": convention,
    }  # fmt: skip
    whole = fit_panel(
        rows.y, np.column_stack([treated, x]), unit, time, names=("policy", *names), **options
    )
    if whole.names[0] != "policy":
        raise PanelRegressionError("the policy can't be told from the fixed effects")
    at = np.clip(since, *window)
    times = [k for k in range(window[0], window[1] + 1) if k != -1 and (at == k).any()]
    dummies = np.column_stack([at == k for k in times]).astype(float)
    labels = [NAME.format(k) for k in times]
    events = fit_panel(
        rows.y, np.column_stack([dummies, x]), unit, time, names=(*labels, *names), **options
    )
    told = [(k, events.position(label)) for k, label in zip(times, labels, strict=True)
            if label in events.names]  # fmt: skip
    factor = np.sqrt(variance_factor(convention, events.counts))
    own = events.influence[:, [j for _, j in told]] * factor
    last = whole.influence[:, :1] * np.sqrt(variance_factor(convention, whole.counts))
    return StaggeredEffects(
        times=np.array([k for k, _ in told], dtype=np.int64),
        estimates=events.coefficients[[j for _, j in told]],
        overall=float(whole.coefficients[0]),
        influence=np.column_stack([own, last]),
        scale=1.0,
        df=whole.df_resid,
        n_units=np.array([len(np.unique(unit[at == k])) for k, _ in told]),
        n_treated=len(np.unique(unit[treated == 1])),
        n_cohorts=len(np.unique(rows.cohort[treated == 1])),
        n_obs=whole.n_obs,
    )


def _run(asked: Asked) -> StaggeredEffects:
    return two_way(asked.rows, window=asked.design.window, convention=asked.convention)


ESTIMATOR = Estimator(
    _run,
    "effects of all treated city-years, with weights of least squares that may be negative",
    "parallel trends, and one effect for all cohorts and years",
)


__all__ = ["ESTIMATOR", "two_way"]
