"""Local projections with clean controls (LP-DID; Dube, Girardi, Jorda and Taylor 2025).

Belongs here: that estimator. Does not belong here: the regression (`analysis.regression`).

For each horizon h the change of the outcome from the year before to h years on is regressed on entering treatment,
with year effects, on rows that enter in this year or are untreated still in year t + h (before the policy, h < 0:
in year t). Effects are weighted as least squares weights them: by variance.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from analysis.methods.staggered.numbers.effects import StaggeredEffects, Wide, told
from analysis.methods.staggered.numbers.estimator import Asked, Estimator
from analysis.regression.conventions import DEFAULT_CONVENTION, Convention, variance_factor
from analysis.regression.panel import PanelFit, PanelRegressionError, fit_panel


def local_projections(
    wide: Wide, *, window: tuple[int, int], convention: Convention = DEFAULT_CONVENTION
) -> StaggeredEffects:
    """Effects by event time of the window, -1 left out as base; overall is the mean of those from 0 on.

    `wide.x` enters with its value of the year before. Raises PanelRegressionError where nothing can be told.
    """
    horizons = [h for h in range(window[0], window[1] + 1) if h != -1]
    fits: dict[int, tuple[PanelFit, int]] = {}
    for h in horizons:
        found = _horizon(wide, h, convention)
        if found is not None:
            fits[h] = found
    after = [h for h in fits if h >= 0]
    if not after:
        raise PanelRegressionError(
            "no year in which units enter treatment has untreated ones beside"
        )
    times = np.array(sorted(fits), dtype=np.int64)
    clusters = np.unique(wide.cluster)
    influence = np.zeros((len(clusters), len(times) + 1))
    for j, h in enumerate(times):
        own = fits[int(h)][0]
        scale = np.sqrt(variance_factor(convention, own.counts))
        influence[np.searchsorted(clusters, own.clusters), j] = own.influence[:, 0] * scale
    estimates = np.array([fits[int(h)][0].coefficients[0] for h in times])
    mean = times >= 0
    influence[:, -1] = influence[:, :-1][:, mean].mean(axis=1)
    return StaggeredEffects(
        times=times,
        estimates=estimates,
        overall=float(estimates[mean].mean()),
        influence=influence,
        scale=1.0,
        df=min(fit.df_resid for fit, _ in fits.values()),
        n_units=np.array([fits[int(h)][1] for h in times]),
        n_treated=int(np.isin(wide.cohort, wide.cohorts).sum()),
        n_cohorts=len(wide.cohorts),
        n_obs=int(np.isfinite(wide.y).sum()),
        left_out=told(wide),
    )


def _horizon(wide: Wide, h: int, convention: Convention) -> tuple[PanelFit, int] | None:
    """The regression of one horizon, and the units that enter; None where it can't be told."""
    rows = [_rows(wide, t, h) for t in range(1, len(wide.years)) if 0 <= t + h < len(wide.years)]
    if not rows:
        return None
    change, enters, unit, time, x = (np.concatenate(parts) for parts in zip(*rows, strict=True))
    usable = np.isfinite(change) & np.isfinite(x).all(axis=1)
    change, enters, unit, time, x = (part[usable] for part in (change, enters, unit, time, x))
    beside = np.isin(time, time[enters == 1]) & np.isin(time, time[enters == 0])
    if not beside.any() or len(np.unique(wide.cluster[unit[beside]])) < 2:
        return None
    change, enters, unit, time, x = (part[beside] for part in (change, enters, unit, time, x))
    try:
        fit = fit_panel(
            change, np.column_stack([enters, x]), unit, time,
            names=("enters", *(f"x{j}" for j in range(x.shape[1]))), effects=("time",),
            cluster=wide.cluster[unit], convention=convention,
        )  # fmt: skip
    except PanelRegressionError:
        return None
    if fit.names[0] != "enters":
        return None
    return fit, len(np.unique(unit[enters == 1]))


def _rows(wide: Wide, t: int, h: int) -> tuple[npt.NDArray[Any], ...]:
    """Change, entering, unit, year and controls of the rows of year t at horizon h."""
    year = wide.years[t]
    enters = wide.cohort == year
    clean = wide.cohort > max(year, wide.years[t + h])
    used = np.flatnonzero(enters | clean)
    return (
        wide.y[used, t + h] - wide.y[used, t - 1],
        enters[used].astype(float),
        used,
        np.full(len(used), year),
        wide.x[used, t - 1],
    )


def _run(asked: Asked) -> StaggeredEffects:
    return local_projections(asked.wide, window=asked.design.window, convention=asked.convention)


ESTIMATOR = Estimator(
    _run,
    "effects at each horizon weighted by variance; overall the mean over horizons of the window",
    "parallel trends from the year before entry, with cities untreated to the horizon",
)


__all__ = ["ESTIMATOR", "local_projections"]
