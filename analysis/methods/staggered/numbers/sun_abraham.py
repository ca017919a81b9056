"""Interaction-weighted effects by event time (Sun and Abraham 2021).

Belongs here: that estimator. Does not belong here: the regression (`analysis.regression`).

The outcome on dummies of cohort times event time, controls and both effects; coefficients of one event time are
averaged with the cohorts' shares of its rows, the shares taken as known, as R's fixest does. The cohorts
compared with are the never treated, or the last one, whose treated years are then left out.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from analysis.methods.staggered.numbers.effects import PanelRows, StaggeredEffects
from analysis.methods.staggered.numbers.estimator import Asked, Estimator
from analysis.regression.conventions import DEFAULT_CONVENTION, Convention, variance_factor
from analysis.regression.panel import PanelRegressionError, fit_panel
from analysis.regression.rank import FloatArray

NAME = "c{cohort} e{event}"


def sun_abraham(
    rows: PanelRows, *, anticipation: int = 0, convention: Convention = DEFAULT_CONVENTION
) -> StaggeredEffects:
    """Effects by event time, the last before `anticipation` as base, and overall the mean over treated rows.

    Units treated from their first year on are left out and counted. Raises PanelRegressionError
    where nothing can be told.
    """
    kept, first, said = kept_rows(rows, anticipation)
    y, unit, time, cluster, controls = (
        values[kept] for values in (rows.y, rows.unit, rows.time, rows.cluster, rows.x)
    )
    ever = np.isfinite(first)
    if not ever.any():
        raise PanelRegressionError("no unit is seen both before and after its first treated year")
    event = np.where(ever, time - np.where(ever, first, 0), -1).astype(np.int64)
    pairs = np.unique(np.column_stack([first[ever], event[ever]]), axis=0)
    pairs = pairs[pairs[:, 1] != -1 - anticipation]
    dummies = np.column_stack([(first == g) & ever & (event == k) for g, k in pairs]).astype(float)
    labels = [NAME.format(cohort=int(g), event=int(k)) for g, k in pairs]
    fit = fit_panel(
        y, np.column_stack([dummies, controls]), unit, time, names=(*labels, *rows.names),
        effects=("unit", "time"), cluster=cluster, convention=convention,
    )  # fmt: skip
    there = {name: j for j, name in enumerate(fit.names) if name in set(labels)}
    told = [j for j, label in enumerate(labels) if label in there]
    if not any(pairs[j, 1] >= 0 for j in told):
        raise PanelRegressionError("no effect of a treated year can be told from the fixed effects")
    count = dummies.sum(axis=0)
    times = np.unique(pairs[told, 1]).astype(np.int64)
    weights = np.zeros((len(fit.names), len(times) + 1))
    for j in told:
        weights[there[labels[j]], int(np.searchsorted(times, pairs[j, 1]))] = count[j]
        if pairs[j, 1] >= 0:
            weights[there[labels[j]], -1] = count[j]
    weights /= weights.sum(axis=0)
    averaged = fit.coefficients @ weights
    return StaggeredEffects(
        times=times,
        estimates=averaged[:-1],
        overall=float(averaged[-1]),
        influence=fit.influence @ weights,
        scale=variance_factor(convention, fit.counts),
        df=fit.df_resid,
        n_units=np.array([len(np.unique(unit[ever & (event == k)])) for k in times]),
        n_treated=len(np.unique(unit[ever & (event >= 0)])),
        n_cohorts=len(np.unique(first[ever & (event >= 0)])),
        n_obs=fit.n_obs,
        left_out=said,
    )


def kept_rows(
    rows: PanelRows, anticipation: int = 0
) -> tuple[npt.NDArray[np.bool_], FloatArray, tuple[str, ...]]:
    """Rows that are used (n,), first treated years of them, and in words what was left out.

    Without never treated units the last cohort takes their part, before it begins.
    """
    first = np.where(rows.first > rows.time.max(), np.inf, rows.first)
    units, at = np.unique(rows.unit, return_inverse=True)
    start = np.full(len(units), np.iinfo(np.int64).max)
    np.minimum.at(start, at, rows.time)
    always = first - anticipation <= start[at]
    said: list[str] = []
    if always.any():
        said.append(f"{len(np.unique(at[always]))} units treated from their first year on")
    keep = ~always
    if keep.any() and not np.isinf(first[keep]).any():
        last = first[keep].max()
        until = last - anticipation
        said.append(
            f"{int((keep & (rows.time >= until)).sum())} rows from {until:.0f} on, when the last cohort begins"
        )
        keep &= rows.time < until
        first = np.where(first == last, np.inf, first)
    return keep, first[keep], tuple(said)


def _run(asked: Asked) -> StaggeredEffects:
    return sun_abraham(
        asked.rows, anticipation=asked.design.anticipation, convention=asked.convention
    )


ESTIMATOR = Estimator(
    _run,
    "effects by cohort and event time, weighted by treated city-years",
    "parallel trends with the never treated, given controls of one slope for all",
    anticipates=True,
)


__all__ = ["ESTIMATOR", "kept_rows", "sun_abraham"]
