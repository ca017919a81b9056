"""Stacked comparisons with corrective weights (Wing, Freedman and Hollingsworth 2024).

Belongs here: that estimator. Does not belong here: the changes that it compares (`changes`).

Each cohort whose whole window lies in the panel is compared with units that stay untreated to the window's end, so
that all event times are of the same units. Cohorts are weighted by their treated units, which is what their
corrective weights do to a stacked regression; the weights are taken as known.
"""

from __future__ import annotations

import numpy as np

from analysis.methods.staggered.numbers.changes import change_gap
from analysis.methods.staggered.numbers.effects import StaggeredEffects, Wide, by_cluster, told
from analysis.methods.staggered.numbers.estimator import INFLUENCE, Asked, Estimator
from analysis.regression.panel import PanelRegressionError


def stacked(wide: Wide, window: tuple[int, int], *, covariates: bool = False) -> StaggeredEffects:
    """Effects by event time of the window, -1 left out as base; overall the mean of those from 0 on.

    Raises PanelRegressionError where no cohort has the whole window and untreated units beside.
    """
    first, last = window
    times = [k for k in range(first, last + 1) if k != -1]
    place = {int(year): j for j, year in enumerate(wide.years)}
    found, sizes, late = [], [], []
    for g in wide.cohorts:
        own, free = wide.cohort == g, wide.cohort > g + last
        base = place.get(int(g) - 1)
        asked = [place.get(int(g) + k) for k in times]
        cells = [
            change_gap(wide, own, free, t, base, covariates=covariates)
            for t in asked
            if t is not None and base is not None
        ]
        if len(cells) < len(times) or any(cell is None for cell in cells):
            late.append(int(g))
            continue
        found.append([cell for cell in cells if cell is not None])
        sizes.append(int(own.sum()))
    if not found:
        raise PanelRegressionError(
            f"no cohort has all years from {first} to {last} and cities untreated to their end"
        )
    weights = np.array(sizes) / sum(sizes)
    estimates = np.array([[cell.att for cell in cells] for cells in found]).T @ weights
    influence = sum(
        weight * np.column_stack([cell.influence for cell in cells])
        for weight, cells in zip(weights, found, strict=True)
    )
    after = np.array(times) >= 0
    whole = np.column_stack([influence, influence[:, after].mean(axis=1)]) / len(wide.y)
    left = (f"cohorts {', '.join(map(str, late))}, without the whole window",) if late else ()
    return StaggeredEffects(
        times=np.array(times, dtype=np.int64),
        estimates=estimates,
        overall=float(estimates[after].mean()),
        influence=by_cluster(whole, wide.cluster),
        scale=1.0,
        df=np.inf,
        n_units=np.array([sum(cells[j].n_treated for cells in found) for j in range(len(times))]),
        n_treated=sum(sizes),
        n_cohorts=len(found),
        n_obs=int(np.isfinite(wide.y).sum()),
        left_out=(*told(wide), *left),
    )


def _run(asked: Asked) -> StaggeredEffects:
    return stacked(asked.wide, asked.design.stacked_window, covariates=asked.has_controls)


ESTIMATOR = Estimator(
    _run,
    "effects in the stacked window, cohorts weighted by cities; overall the mean from event time 0 on",
    "parallel trends within the window of each cohort, with cities untreated to its end",
    INFLUENCE,
)


__all__ = ["ESTIMATOR", "stacked"]
