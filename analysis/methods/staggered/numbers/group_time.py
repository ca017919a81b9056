"""Effects by cohort and year (Callaway and Sant'Anna 2021), and their averages.

Belongs here: which cohorts and years are compared with whom, and the averages. Does not belong here: one
comparison (`changes`), other estimators.

For a cohort g and a year t, ATT(g, t) is the mean change of the cohort from the base year to t less that of its
controls: units never treated, or not yet treated in t and in the base year. The base year is the one before g
(less `anticipation`); before it, either the same ("universal") or the year before t ("varying"). With
covariates (of the base year) controls are made alike by regression, weighting or both (their equations 2.2 to 2.4;
`changes`). An unbalanced panel uses, for each g and t, the units that have both years.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from analysis.methods.staggered.numbers.changes import Adjust, Gap, change_gap
from analysis.methods.staggered.numbers.effects import (
    StaggeredEffects,
    Wide,
    by_cluster,
    told,
)
from analysis.methods.staggered.numbers.estimator import INFLUENCE, Asked, Estimator
from analysis.regression.effects import IntArray
from analysis.regression.panel import PanelRegressionError
from analysis.regression.rank import FloatArray, full_rank

Controls = Literal["never", "not_yet"]
Base = Literal["universal", "varying"]
Overall = Literal["rows", "times"]


@dataclass(frozen=True)
class GroupTime:
    """ATT(g, t) of all cohorts and years that can be told (m,), with the influence of each unit (N, m)."""

    cohort: FloatArray
    year: IntArray
    att: FloatArray
    influence: FloatArray
    n_treated: IntArray
    n_controls: IntArray

    @property
    def after(self) -> npt.NDArray[np.bool_]:
        """Which of them are of treated years (m,)."""
        return np.asarray(self.year >= self.cohort)


def group_time(
    wide: Wide,
    *,
    controls: Controls = "not_yet",
    base: Base = "universal",
    anticipation: int = 0,
    covariates: bool = False,
    adjust: Adjust = "regression",
) -> GroupTime:
    """ATT(g, t) of a panel; those without a unit on either side, or without a base year, are left out.

    Raises PanelRegressionError if none can be told.
    """
    found: list[tuple[float, int, Gap]] = []
    for g in wide.cohorts:
        before = np.flatnonzero(wide.years < g - anticipation)
        if not len(before):
            continue
        last = int(before[-1])
        treated = wide.cohort == g
        for t in range(len(wide.years)):
            start = last
            if base == "varying" and t <= last:
                start = t - 1
            if start < 0 or start == t:
                continue
            latest = wide.years[max(t, start)] + anticipation
            free = np.isinf(wide.cohort) if controls == "never" else wide.cohort > latest
            cell = change_gap(
                wide, treated, free & ~treated, t, start, covariates=covariates, adjust=adjust
            )
            if cell is not None:
                found.append((float(g), int(wide.years[t]), cell))
    if not any(year >= g for g, year, _ in found):
        raise PanelRegressionError(
            "no cohort has a year before the policy and controls: its effect can't be told"
        )
    gaps = [gap for *_, gap in found]
    return GroupTime(
        cohort=np.array([g for g, *_ in found]),
        year=np.array([year for _, year, _ in found]),
        att=np.array([gap.att for gap in gaps]),
        influence=np.column_stack([gap.influence for gap in gaps]),
        n_treated=np.array([gap.n_treated for gap in gaps]),
        n_controls=np.array([gap.n_controls for gap in gaps]),
    )


def aggregate(wide: Wide, cells: GroupTime, *, overall: Overall = "rows") -> StaggeredEffects:
    """Effects by event time, cohorts weighted by their units.

    Overall: "rows", the mean of all ATT(g, t) of treated years weighted by units (their "simple"), or "times",
    the mean over event times from 0 on (their "dynamic"). The influence of the weights is added to that of the
    effects, as in the appendix of Callaway and Sant'Anna.
    """
    event = (cells.year - cells.cohort).astype(np.int64)
    times = np.unique(event)
    share = np.array([(wide.cohort == g).mean() for g in cells.cohort])
    found = [_weighted(wide, cells, event == k, share) for k in times]
    estimates = np.array([effect for effect, _ in found])
    stacked = np.column_stack([own for _, own in found])
    if overall == "rows":
        whole, influence = _weighted(wide, cells, cells.after, share)
    else:
        whole, influence = float(estimates[times >= 0].mean()), stacked[:, times >= 0].mean(axis=1)
    units = np.array([cells.n_treated[event == k].sum() for k in times])
    return _result(
        wide, cells, times, estimates, whole, np.column_stack([stacked, influence]), units
    )


def by_cohort(wide: Wide, cells: GroupTime) -> StaggeredEffects:
    """Effects by cohort (`times` are first years), the mean over its treated years; overall by units."""
    groups = np.unique(cells.cohort[cells.after])
    means, influence, share, units = [], [], [], []
    for g in groups:
        at = (cells.cohort == g) & cells.after
        means.append(float(cells.att[at].mean()))
        influence.append(cells.influence[:, at].mean(axis=1))
        share.append(float((wide.cohort == g).mean()))
        units.append(int((wide.cohort == g).sum()))
    stacked, weights, effects = np.column_stack(influence), np.array(share), np.array(means)
    overall, own = _average(wide, groups, effects, stacked, weights)
    return _result(
        wide, cells, groups.astype(np.int64), effects, overall,
        np.column_stack([stacked, own]), np.array(units),
    )  # fmt: skip


def by_year(wide: Wide, cells: GroupTime) -> StaggeredEffects:
    """Effects by calendar year (`times`), cohorts treated by then weighted by units; overall the mean of years."""
    years = np.unique(cells.year[cells.after])
    share = np.array([(wide.cohort == g).mean() for g in cells.cohort])
    found = [_weighted(wide, cells, (cells.year == t) & cells.after, share) for t in years]
    estimates = np.array([effect for effect, _ in found])
    stacked = np.column_stack([own for _, own in found])
    units = np.array([cells.n_treated[(cells.year == t) & cells.after].sum() for t in years])
    return _result(
        wide, cells, years.astype(np.int64), estimates, float(estimates.mean()),
        np.column_stack([stacked, stacked.mean(axis=1)]), units,
    )  # fmt: skip


def _weighted(
    wide: Wide, cells: GroupTime, at: npt.NDArray[np.bool_], share: FloatArray
) -> tuple[float, FloatArray]:
    return _average(wide, cells.cohort[at], cells.att[at], cells.influence[:, at], share[at])


def _average(
    wide: Wide, cohorts: FloatArray, effects: FloatArray, influence: FloatArray, share: FloatArray
) -> tuple[float, FloatArray]:
    """Mean of effects (m,) weighted by cohorts' shares (m,), with influence (N,), the weights' included."""
    total = share.sum()
    mean = float(share @ effects / total)
    members = (wide.cohort[:, None] == cohorts[None, :]) - share
    return mean, np.asarray(influence @ (share / total) + members @ (effects - mean) / total)


def _result(
    wide: Wide,
    cells: GroupTime,
    times: IntArray,
    estimates: FloatArray,
    overall: float,
    influence: FloatArray,
    units: IntArray,
) -> StaggeredEffects:
    n = len(wide.y)
    return StaggeredEffects(
        times=times,
        estimates=estimates,
        overall=overall,
        influence=by_cluster(influence / n, wide.cluster),
        scale=1.0,
        df=np.inf,
        n_units=units,
        n_treated=int(np.isin(wide.cohort, cells.cohort[cells.after]).sum()),
        n_cohorts=len(np.unique(cells.cohort[cells.after])),
        n_obs=int(np.isfinite(wide.y).sum()),
        left_out=told(wide),
    )


def no_effect_before(cells: GroupTime, anticipation: int = 0) -> tuple[float, int, float]:
    """Wald test that all ATT(g, t) of years before the policy, or its anticipation, are 0: chi2, df, p.

    Meant for the varying base, as in their package. NaN where units don't tell them apart.
    """
    from scipy import stats

    before = cells.year < cells.cohort - anticipation
    count = int(before.sum())
    influence = cells.influence[:, before]
    if not count or not full_rank(influence):
        return float("nan"), count, float("nan")
    n = len(influence)
    att = cells.att[before]
    statistic = float(att @ np.linalg.solve(influence.T @ influence / n**2, att))
    return statistic, count, float(stats.chi2.sf(statistic, count))


def cells_of(asked: Asked, base: Base | None = None) -> GroupTime:
    """Effects by cohort and year, made once for all that average them; the design's `base` if none is given.

    With the varying base, years before the policy are what the pre-test is of.
    """
    base = base or asked.design.base
    name = f"group_time {base}"
    if name not in asked.shared:
        asked.shared[name] = group_time(
            asked.wide, controls=asked.design.compare_with, base=base,
            covariates=asked.has_controls, adjust=asked.design.adjust,
            anticipation=asked.design.anticipation,
        )  # fmt: skip
    found: GroupTime = asked.shared[name]
    return found


def _run(asked: Asked) -> StaggeredEffects:
    return aggregate(asked.wide, cells_of(asked))


ESTIMATOR = Estimator(
    _run,
    "effects by cohort and year, weighted by cities",
    "parallel trends of cities alike in the controls of the year before the policy",
    INFLUENCE,
    anticipates=True,
)


__all__ = [
    "ESTIMATOR",
    "Base",
    "Controls",
    "GroupTime",
    "aggregate",
    "by_cohort",
    "by_year",
    "cells_of",
    "group_time",
    "no_effect_before",
]
