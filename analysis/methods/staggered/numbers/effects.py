"""What every estimator of staggered adoption answers: effects by event time and overall, with influence.

Belongs here: that shape, errors from influence, and the balanced picture of a panel. Does not belong here:
any estimator.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from analysis.regression.effects import IntArray
from analysis.regression.panel import PanelRegressionError
from analysis.regression.rank import FloatArray


@dataclass(frozen=True)
class StaggeredEffects:
    """Effects by event time (k,) and overall, of one estimator.

    ``influence`` (G, k + 1) is what each cluster contributes to the effects and, last, to the overall one;
    ``influence.T @ influence`` times ``scale`` is their covariance. ``df`` are the degrees of freedom of t
    (infinite: normal). ``n_units`` (k,) counts the treated units behind each effect, ``n_treated`` all,
    ``n_cohorts`` their first years. Effects that can't be told are left out of ``times``. ``left_out`` says in
    words which units were.
    """

    times: IntArray
    estimates: FloatArray
    overall: float
    influence: FloatArray
    scale: float
    df: float
    n_units: IntArray
    n_treated: int
    n_cohorts: int
    n_obs: int
    left_out: tuple[str, ...] = ()

    @property
    def covariance(self) -> FloatArray:
        """Covariance of the effects by event time (k, k)."""
        own = self.influence[:, :-1]
        return np.asarray(own.T @ own * self.scale)

    @property
    def std_errors(self) -> FloatArray:
        """Their standard errors (k,); NaN where the contributions of all clusters are 0."""
        return errors_of(self.influence[:, :-1], self.scale)

    @property
    def n_clusters(self) -> int:
        """Clusters that t rests on: those of the effect with fewest, where effects have samples of their own."""
        return len(self.influence) if np.isinf(self.df) else int(self.df) + 1

    @property
    def overall_error(self) -> float:
        """Standard error of the overall effect."""
        return float(errors_of(self.influence[:, -1:], self.scale)[0])


def errors_of(influence: FloatArray, scale: float) -> FloatArray:
    """Standard errors (k,) of influence (G, k); NaN where there is none."""
    errors = np.sqrt((influence**2).sum(axis=0) * scale)
    return np.asarray(np.where(errors > 0, errors, np.nan))


def by_cluster(influence: FloatArray, clusters: IntArray) -> FloatArray:
    """Influence of rows or units (n, k) summed by cluster (G, k)."""
    order = np.argsort(clusters, kind="stable")
    starts = np.flatnonzero(np.diff(clusters[order], prepend=-1))
    return np.asarray(np.add.reduceat(influence[order], starts, axis=0))


@dataclass(frozen=True)
class PanelRows:
    """A sample as rows (n,): outcome, unit, year, first treated year, cluster, and controls `x` (n, k) by name.

    ``cohort`` is NaN or infinite for units that are never treated.
    """

    y: FloatArray
    unit: npt.NDArray[Any]
    time: IntArray
    cohort: FloatArray
    cluster: npt.NDArray[Any]
    x: FloatArray
    names: tuple[str, ...] = ()

    @property
    def first(self) -> FloatArray:
        """First treated years (n,), infinite for the never treated."""
        return np.asarray(np.where(np.isnan(self.cohort), np.inf, self.cohort))

    def where(self, kept: npt.NDArray[np.bool_], *, controls: bool = True) -> PanelRows:
        """The rows of a mask (n,), with or without controls."""
        return PanelRows(
            self.y[kept],
            self.unit[kept],
            self.time[kept],
            self.cohort[kept],
            self.cluster[kept],
            self.x[kept] if controls else self.x[kept, :0],
            self.names if controls else (),
        )


@dataclass(frozen=True)
class Wide:
    """A panel with a row per unit: `y` (N, T), NaN where a unit lacks a year.

    ``cohort`` (N,) is the first treated year, infinite for units that never are; ``cluster`` (N,) their
    cluster by number; ``x`` (N, T, k) controls. ``always`` counts units that were treated from their first
    year on and are left out: nothing is known of them untreated.
    """

    years: IntArray
    units: npt.NDArray[Any]
    cohort: FloatArray
    cluster: IntArray
    y: FloatArray
    x: FloatArray
    always: int

    @property
    def cohorts(self) -> FloatArray:
        """First treated years of the panel, in order."""
        finite = self.cohort[np.isfinite(self.cohort)]
        return np.unique(finite[finite <= self.years[-1]])


def widened(rows: PanelRows) -> Wide:
    """The panel with a row per unit.

    A unit whose first year is after the panel counts as never treated in it. Raises PanelRegressionError for
    two rows of one unit and year, a unit in two cohorts or two clusters, or no treated unit.
    """
    units, at = np.unique(rows.unit, return_inverse=True)
    years, when = np.unique(np.asarray(rows.time, dtype=np.int64), return_inverse=True)
    place = at * len(years) + when
    if len(np.unique(place)) < len(place):
        raise PanelRegressionError("a unit has two rows of one year: the panel needs one")
    wide_y = np.full((len(units), len(years)), np.nan)
    wide_y[at, when] = rows.y
    wide_x = np.full((len(units), len(years), rows.x.shape[1]), np.nan)
    wide_x[at, when] = rows.x
    own = _of_unit(rows.first, at, len(units), "first treated years")
    own = np.where(own > years[-1], np.inf, own)
    groups = np.unique(rows.cluster, return_inverse=True)[1]
    clusters = _of_unit(groups.astype(float), at, len(units), "clusters").astype(np.int64)
    first = years[np.argmax(~np.isnan(wide_y), axis=1)]
    always = own <= first
    keep = ~always
    if not np.isfinite(own[keep]).any():
        raise PanelRegressionError("no unit is seen both before and after its first treated year")
    kept_clusters = np.unique(clusters[keep], return_inverse=True)[1]
    return Wide(
        years, units[keep], own[keep], kept_clusters, wide_y[keep], wide_x[keep], int(always.sum())
    )


def _of_unit(values: FloatArray, at: IntArray, n: int, what: str) -> FloatArray:
    own = np.full(n, np.nan)
    own[at] = values
    if not np.array_equal(own[at], values):
        raise PanelRegressionError(f"a unit has two {what}: each needs one")
    return own


def told(wide: Wide) -> tuple[str, ...]:
    """Which units were left out, in words."""
    if not wide.always:
        return ()
    return (f"{wide.always} units treated from their first year on",)


__all__ = ["PanelRows", "StaggeredEffects", "Wide", "by_cluster", "errors_of", "told", "widened"]
