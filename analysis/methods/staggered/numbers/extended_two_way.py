"""Extended two-way effects (Wooldridge 2021, 2023).

Belongs here: that estimator. Does not belong here: the regression (`analysis.regression`).

The outcome on a dummy of each cohort in each of its treated years, both effects and controls. Controls have
slopes of their own in each year, in each cohort (`cohort_slopes`) and in each dummy, measured there from their
mean over its rows, so that a dummy's coefficient is the cohort's mean effect of the year. Averages weight by
treated rows, whose shares are taken as known, as R's etwfe does. Compared with are all untreated rows.

A control that doesn't change needs no slope by cohort: the effects of units have it. That of one that does is told
from the years before the policy and carried into all after it, which may cost much precision (docs/staggered.md).
"""

from __future__ import annotations

import numpy as np

from analysis.methods.staggered.numbers.effects import PanelRows, StaggeredEffects
from analysis.methods.staggered.numbers.estimator import Asked, Estimator
from analysis.methods.staggered.numbers.sun_abraham import kept_rows
from analysis.regression.conventions import DEFAULT_CONVENTION, Convention, variance_factor
from analysis.regression.effects import IntArray
from analysis.regression.panel import PanelRegressionError, fit_panel
from analysis.regression.rank import FloatArray

CELL = "c{cohort} y{year}"


def extended_two_way(
    rows: PanelRows,
    *,
    cohort_slopes: bool = True,
    convention: Convention = DEFAULT_CONVENTION,
) -> StaggeredEffects:
    """Effects by event time from 0 on, and overall the mean over treated rows.

    Without `cohort_slopes` controls have slopes by year and in treated cells alone.
    Units treated from their first year on are left out and counted; without never treated ones, the last
    cohort's treated years. A cell that the effects absorb is left out. Raises PanelRegressionError where nothing
    can be told.
    """
    kept, first, said = kept_rows(rows)
    y, unit, cluster = (values[kept] for values in (rows.y, rows.unit, rows.cluster))
    time, x = rows.time[kept], rows.x[kept]
    treated = np.isfinite(first) & (time >= first)
    if not treated.any():
        raise PanelRegressionError("no unit is seen both before and after its first treated year")
    cells = np.unique(np.column_stack([first[treated], time[treated]]), axis=0).astype(np.int64)
    dummies = np.column_stack([(first == g) & (time == t) for g, t in cells]).astype(float)
    labels = [CELL.format(cohort=g, year=t) for g, t in cells]
    slopes = _slopes(x, time, dummies, first if cohort_slopes else None)
    fit = fit_panel(
        y, np.column_stack([dummies, slopes]), unit, time,
        names=(*labels, *(f"slope {j}" for j in range(slopes.shape[1]))),
        effects=("unit", "time"), cluster=cluster, convention=convention,
    )  # fmt: skip
    there = {name: j for j, name in enumerate(fit.names)}
    told = [j for j, label in enumerate(labels) if label in there]
    if not told:
        raise PanelRegressionError("no effect of a treated year can be told from the fixed effects")
    events = cells[:, 1] - cells[:, 0]
    times = np.unique(events[told])
    weights = np.zeros((len(fit.names), len(times) + 1))
    for j in told:
        at = there[labels[j]]
        weights[at, [int(np.searchsorted(times, events[j])), -1]] = dummies[:, j].sum()
    weights /= weights.sum(axis=0)
    averaged = fit.coefficients @ weights
    seen = dummies[:, told].any(axis=1)
    lost = int(treated.sum() - seen.sum())
    event = np.where(seen, time - np.where(treated, first, 0), -1)
    return StaggeredEffects(
        times=times,
        estimates=averaged[:-1],
        overall=float(averaged[-1]),
        influence=fit.influence @ weights,
        scale=variance_factor(convention, fit.counts),
        df=fit.df_resid,
        n_units=np.array([len(np.unique(unit[event == k])) for k in times]),
        n_treated=len(np.unique(unit[seen])),
        n_cohorts=len(np.unique(first[seen])),
        n_obs=fit.n_obs,
        left_out=(*said, *([f"{lost} treated rows that the effects absorb"] if lost else [])),
    )


def _slopes(
    x: FloatArray, time: IntArray, dummies: FloatArray, first: FloatArray | None
) -> FloatArray:
    """Controls (n, k), then theirs by year, by cohort, and within each dummy about its rows' mean."""
    if not x.shape[1]:
        return x
    parts = [x]
    parts += [x * (time == t)[:, None] for t in np.unique(time)[1:]]
    if first is not None:
        parts += [x * (first == g)[:, None] for g in np.unique(first[np.isfinite(first)])]
    for cell in dummies.T:
        own = cell == 1
        parts.append(np.where(own[:, None], x - x[own].mean(axis=0), 0.0))
    return np.column_stack(parts)


def _run(asked: Asked) -> StaggeredEffects:
    return extended_two_way(
        asked.rows, cohort_slopes=asked.design.cohort_slopes, convention=asked.convention
    )


ESTIMATOR = Estimator(
    _run,
    "effects by cohort and year, weighted by treated city-years",
    "parallel trends in all untreated years, given controls with slopes by year, cohort and cell",
    leads=False,
)


__all__ = ["ESTIMATOR", "extended_two_way"]
