"""Imputation of what treated units would have been (Borusyak, Jaravel and Spiess 2024).

Belongs here: that estimator, with its conservative error. Does not belong here: other estimators.

Unit and year effects, and controls, are fitted on untreated rows alone; a treated row's effect is its outcome less
what they foretell, and effects are averaged as asked. An average is linear in the outcome, sum v_it y_it: v is the
weight on treated rows and the negative of what the fit passes on to untreated ones. Its error sums v_it e_it by
cluster, with e the residual of untreated rows and, of treated ones, the effect less the mean of its cohort and
event time, weighted by v squared (their equations 8 and 10); heterogeneity within a cohort makes it conservative.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from analysis.methods.staggered.numbers.effects import PanelRows, StaggeredEffects, by_cluster
from analysis.methods.staggered.numbers.estimator import INFLUENCE, Asked, Estimator
from analysis.regression.effects import IntArray, take_out
from analysis.regression.panel import PanelRegressionError
from analysis.regression.rank import FloatArray, factor

Centre = Callable[[FloatArray, FloatArray, FloatArray, IntArray, npt.NDArray[np.bool_]], FloatArray]
"""From effects (n,), v (n, k), first years, event times and the treated (n,): what is left of effects (n, k)."""


def imputation(rows: PanelRows, *, anticipation: int = 0) -> StaggeredEffects:
    """Effects by event time from 0 on, and overall the mean over treated rows.

    Rows of `anticipation` years before the policy aren't fitted on: told by event time, not in the overall effect.

    Treated rows whose unit or year has no untreated row are left out and counted. Raises
    PanelRegressionError where none is left.
    """
    return imputed(rows, _centred, anticipation)


def imputed(rows: PanelRows, centre: Centre, anticipation: int = 0) -> StaggeredEffects:
    """Those averages, with the error of residuals that `centre` leaves of the treated rows' effects."""
    unit, time = rows.unit, rows.time
    treated = time >= rows.first - anticipation
    able = np.isin(unit, unit[~treated]) & np.isin(time, time[~treated])
    lost = int((treated & ~able).sum())
    if not (able & (time >= rows.first)).any():
        raise PanelRegressionError(
            "no treated row has an untreated one of its unit and of its year: nothing can be imputed"
        )
    y, controls, treated, first = rows.y[able], rows.x[able], treated[able], rows.first[able]
    units = np.unique(unit[able], return_inverse=True)[1]
    years, when = np.unique(time[able], return_inverse=True)
    groups = np.unique(rows.cluster[able], return_inverse=True)[1]
    event = np.where(treated, time[able] - np.where(treated, first, 0), -1).astype(np.int64)
    fitted = _Untreated(y, controls, units, when, len(years), treated)
    effects = y - fitted.foretold
    times = np.unique(event[treated])
    after = treated & (event >= 0)
    weights = np.column_stack([(event == k) & treated for k in times] + [after]).astype(float)
    weights /= weights.sum(axis=0)
    v = fitted.spread(weights)
    residual = np.where(treated, 0.0, effects)
    influence = v * np.where(
        treated[:, None], centre(effects, v, first, event, treated), residual[:, None]
    )
    estimates = weights.T @ effects
    n_units = np.array([len(np.unique(units[treated & (event == k)])) for k in times])
    return StaggeredEffects(
        times=times,
        estimates=estimates[:-1],
        overall=float(estimates[-1]),
        influence=by_cluster(influence, groups),
        scale=1.0,
        df=np.inf,
        n_units=n_units,
        n_treated=len(np.unique(units[after])),
        n_cohorts=len(np.unique(first[after])),
        n_obs=len(y),
        left_out=(f"{lost} treated rows without an untreated one of their unit and year",)
        if lost
        else (),
    )


class _Untreated:
    """The fit of unit and year effects and controls on untreated rows."""

    def __init__(
        self,
        y: FloatArray,
        x: FloatArray,
        units: IntArray,
        when: IntArray,
        n_years: int,
        treated: npt.NDArray[np.bool_],
    ) -> None:
        rows = np.arange(len(y))
        dummies = np.zeros((len(y), n_years))
        dummies[rows, when] = 1.0
        design = np.column_stack([dummies[:, :-1], x])
        free = ~treated
        self.units, self.treated = units, treated
        self.n_units = int(units.max()) + 1
        self.count = np.bincount(units[free], minlength=self.n_units).astype(float)
        chosen = factor(
            design[free],
            take_out(design[free], (np.unique(units[free], return_inverse=True)[1],)),
            [str(j) for j in range(design.shape[1])],
        )
        names = [str(j) for j in range(design.shape[1])]
        dropped = {term.name for term in chosen.dropped}
        self.kept = [j for j, name in enumerate(names) if name not in dropped]
        self.design = design[:, self.kept]
        self.mean_design = self._means(self.design)
        self.left = self.design[free] - self.mean_design[units[free]]
        scale = np.sqrt((self.left**2).sum(axis=0))
        self.scale = np.where(scale > 0, scale, 1.0)
        self.gram = (self.left / self.scale).T @ (self.left / self.scale)
        slopes = np.linalg.solve(self.gram, (self.left / self.scale).T @ y[free]) / self.scale
        level = self._means(y[:, None])[:, 0] - self.mean_design @ slopes
        self.foretold = level[units] + self.design @ slopes

    def _means(self, values: FloatArray) -> FloatArray:
        """Means of values (n, k) over the untreated rows of each unit (N, k)."""
        free = ~self.treated
        sums = np.zeros((self.n_units, values.shape[1]))
        np.add.at(sums, self.units[free], values[free])
        return np.asarray(sums / self.count[:, None])

    def spread(self, weights: FloatArray) -> FloatArray:
        """Weights v (n, k) of all rows, of weights (n, k) on treated ones."""
        treated, free = self.treated, ~self.treated
        by_unit = np.zeros((self.n_units, weights.shape[1]))
        np.add.at(by_unit, self.units[treated], weights[treated])
        beyond = self.design[treated] - self.mean_design[self.units[treated]]
        asked = (beyond / self.scale).T @ weights[treated]
        passed = (self.left / self.scale) @ np.linalg.solve(self.gram, asked)
        v = np.array(weights, dtype=float)
        v[free] = -(by_unit[self.units[free]] / self.count[self.units[free], None] + passed)
        return v


def _centred(
    effects: FloatArray,
    v: FloatArray,
    first: FloatArray,
    event: IntArray,
    treated: npt.NDArray[np.bool_],
) -> FloatArray:
    """Effects (n, k) of treated rows less the mean of their cohort and event time, weighted by v squared."""
    key = np.unique(
        np.column_stack([np.where(treated, first, 0), event]), axis=0, return_inverse=True
    )[1].ravel()
    n_cells = int(key.max()) + 1
    square = np.where(treated[:, None], v**2, 0.0)
    total = np.zeros((n_cells, v.shape[1]))
    np.add.at(total, key, square)
    sums = np.zeros_like(total)
    np.add.at(sums, key, square * effects[:, None])
    mean = np.divide(sums, total, out=np.zeros_like(sums), where=total > 0)
    return np.asarray(effects[:, None] - mean[key])


def _run(asked: Asked) -> StaggeredEffects:
    return imputation(asked.rows, anticipation=asked.design.anticipation)


ESTIMATOR = Estimator(
    _run,
    "effects of all treated city-years, each counted once",
    "parallel trends in all untreated years, given controls of one slope for all",
    f"conservative: deviations from the mean of cohort and event time; {INFLUENCE}",
    leads=False,
    anticipates=True,
)


__all__ = ["ESTIMATOR", "Centre", "imputation", "imputed"]
