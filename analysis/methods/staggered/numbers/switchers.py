"""Effects of switching, by years since (de Chaisemartin and D'Haultfoeuille 2024).

Belongs here: that estimator for a policy that begins once: effects, placebos, errors, as did_multiplegt_dyn has
them. Does not belong here: the weights of two-way effects (`analysis.regression.support`).

The l-th effect is the mean, over units that switch in g, of their change from year g - 1 to year g - 1 + l less
that of units that haven't switched by then; placebos take the change from g - 1 back to g - 1 - l beside the
same units. The total is the mean over all switchers and effects. Here the l-th effect stands at event time l -
1, the l-th placebo at -l - 1. Controls: slopes of first differences among rows not yet switched, with year
effects, are taken off the outcome.

Errors (their section 3.4): changes less their mean, among the switchers of a cohort or, of those compared with,
of the year, times the root of n / (n - 1). A cohort of one switcher is centred with those it is compared with.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from analysis.methods.staggered.numbers.effects import StaggeredEffects, Wide, by_cluster, told
from analysis.methods.staggered.numbers.estimator import INFLUENCE, Asked, Estimator
from analysis.regression.panel import PanelRegressionError
from analysis.regression.rank import FloatArray, factor

_Effect = tuple[float, FloatArray, int, FloatArray]


def switchers(wide: Wide, *, window: tuple[int, int]) -> StaggeredEffects:
    """Effects and placebos by event time of the window; overall the mean over switchers and effects.

    Raises PanelRegressionError where no switcher has units beside that haven't switched.
    """
    slopes, passed = _slopes(wide)
    y = wide.y - np.where(np.isnan(wide.x), 0.0, wide.x) @ slopes
    y[np.isnan(wide.x).any(axis=2)] = np.nan
    found: dict[int, _Effect] = {}
    for k in range(window[0], window[1] + 1):
        effect = _at(wide, y, k) if k != -1 else None
        if effect is not None:
            found[k] = effect
    times = np.array(sorted(found), dtype=np.int64)
    after = times >= 0
    if not after.any():
        raise PanelRegressionError(
            "no city that enters has others beside that are untreated still: no effect can be told"
        )
    estimates = np.array([found[int(k)][0] for k in times])
    counts = np.array([found[int(k)][2] for k in times])
    influence = np.column_stack([found[int(k)][1] - passed @ found[int(k)][3] for k in times])
    share = np.where(after, counts, 0) / counts[after].sum()
    influence = np.column_stack([influence, influence @ share])
    cohorts = [g for g in wide.cohorts if _positions(wide, g, 0) is not None]
    return StaggeredEffects(
        times=times,
        estimates=estimates,
        overall=float(estimates @ share),
        influence=by_cluster(influence, wide.cluster),
        scale=1.0,
        df=np.inf,
        n_units=counts,
        n_treated=int(counts[after].max()),
        n_cohorts=len(cohorts),
        n_obs=int(np.isfinite(y).sum()),
        left_out=told(wide),
    )


def _positions(wide: Wide, g: float, k: int) -> tuple[int, int, int] | None:
    """Positions of the base year, the year of event time k, and the year up to which others are untreated."""
    place = {int(year): j for j, year in enumerate(wide.years)}
    horizon = k if k >= 0 else -k - 2
    asked = [place.get(int(g) + each) for each in (-1, k, horizon)]
    if any(each is None for each in asked):
        return None
    base, at, until = (int(each) for each in asked if each is not None)
    return base, at, until


def _at(wide: Wide, y: FloatArray, k: int) -> _Effect | None:
    """The effect at one event time: estimate, influence (N,), switchers, and the same of the controls (p,)."""
    total, n_all = 0.0, 0
    influence, of_x = np.zeros(len(y)), np.zeros(wide.x.shape[2])
    for g in wide.cohorts:
        positions = _positions(wide, g, k)
        if positions is None:
            continue
        base, at, until = positions
        change = y[:, at] - y[:, base]
        there = np.isfinite(change)
        own = there & (wide.cohort == g)
        others = there & (wide.cohort > wide.years[until])
        n_own, n_others = int(own.sum()), int(others.sum())
        if not n_own or not n_others:
            continue
        total += n_own * (change[own].mean() - change[others].mean())
        n_all += n_own
        centred_own, centred_others = _centred(change, own, others)
        influence[own] += centred_own
        influence[others] -= centred_others * (n_own / n_others)
        x = wide.x[:, at] - wide.x[:, base]
        of_x += n_own * (x[own].mean(axis=0) - x[others].mean(axis=0))
    if not n_all:
        return None
    return total / n_all, influence / n_all, n_all, of_x / n_all


def _centred(
    change: FloatArray, own: npt.NDArray[np.bool_], others: npt.NDArray[np.bool_]
) -> tuple[FloatArray, FloatArray]:
    """Changes of switchers and of others less their means, for the degree of freedom that a mean takes."""

    def alone(values: FloatArray, group: FloatArray) -> FloatArray:
        n = len(group)
        return np.asarray((values - group.mean()) * np.sqrt(n / (n - 1)))

    both = change[own | others]
    mine = alone(change[own], change[own] if own.sum() > 1 else both)
    return mine, alone(change[others], change[others] if others.sum() > 1 else both)


def _slopes(wide: Wide) -> tuple[FloatArray, FloatArray]:
    """Slopes (p,) of first differences on those of the controls among rows not yet switched; influence (N, p)."""
    n, _, p = wide.x.shape
    if not p:
        return np.zeros(0), np.zeros((n, 0))
    dy, dx = np.diff(wide.y, axis=1), np.diff(wide.x, axis=1)
    usable = np.isfinite(dy) & np.isfinite(dx).all(axis=2)
    usable &= wide.cohort[:, None] > wide.years[None, 1:]
    unit, year = np.nonzero(usable)
    values = np.column_stack([dy[usable], dx[usable]])
    size = np.bincount(year, minlength=dy.shape[1])
    for j in range(values.shape[1]):
        values[:, j] -= (
            np.bincount(year, values[:, j], minlength=len(size)) / np.maximum(size, 1)
        )[year]
    names = [f"x{j}" for j in range(p)]
    chosen = factor(dx[usable], values[:, 1:], names, absorbed_by="year effects")
    slopes, influence = np.zeros(p), np.zeros((n, p))
    kept = list(chosen.kept)
    if kept:
        slopes[kept] = chosen.slopes(values[:, 0])
        residual = values[:, 0] - values[:, 1:] @ slopes
        rows = chosen.spread(chosen.basis) * residual[:, None]
        for j, column in zip(kept, rows.T, strict=True):
            influence[:, j] = np.bincount(unit, column, minlength=n)
    return slopes, influence


def _run(asked: Asked) -> StaggeredEffects:
    return switchers(asked.wide, window=asked.design.window)


ESTIMATOR = Estimator(
    _run,
    "effects of the window's years, weighted by cities",
    "parallel trends from the year before entry, with cities untreated still",
    f"deviations from the mean of cohort or year, n / (n - 1); {INFLUENCE}",
)


__all__ = ["ESTIMATOR", "switchers"]
