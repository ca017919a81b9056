"""Inequality of scores, whose zero is a choice: measures that no shift of the values changes.

A Gini coefficient, Theil's indices and the coefficient of variation divide by the mean, or compare
logarithms: for a score they say where its zero was put. Here belongs what is left: half the mean difference
(the Gini coefficient times the mean) with Dagum's three parts, whose shares in the whole are the same, and the
variance within and between groups. Does not belong here: measures of amounts (`gini`, `theil`).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.measures.inequality.gini import dagum
from analysis.measures.inequality.values import Floats, check_values


@dataclass(frozen=True)
class MeanDifference:
    """total = within + net_between + transvariation, in the unit of the values, for k groups.

    total is half the mean absolute difference of all pairs. group_difference (k,): that of each
    group; affluence and part (k, k) as in `Dagum`, part in the unit of the values; group_mean (k,).
    """

    total: float
    within: float
    net_between: float
    transvariation: float
    groups: NDArray[Any]
    group_difference: Floats
    group_mean: Floats
    affluence: Floats
    part: Floats
    n: int
    n_missing: int


@dataclass(frozen=True)
class VarianceSplit:
    """total = within + between: variances with divisor n, weighted; within is the sum of contribution.

    groups (k,): labels; group_variance (k,); contribution (k,): its weighted part of `within`.
    """

    total: float
    within: float
    between: float
    groups: NDArray[Any]
    group_variance: Floats
    contribution: Floats
    n: int
    n_missing: int


def mean_difference(
    values: ArrayLike, group: ArrayLike, weights: ArrayLike | None = None
) -> MeanDifference:
    """Half the mean difference of n values, negative ones too, with Dagum's (1997) parts by `group`."""
    x = np.asarray(values, dtype=float)
    there = x[np.isfinite(x)]
    low = float(there.min()) if there.size else 0.0
    wide = float(np.ptp(there)) if there.size else 0.0
    # Any zero does: one a range below the lowest value makes all of them amounts.
    shift = low - (wide if wide > 0 else 1.0)
    fit = dagum(x - shift, group, weights)
    mean = _weighted_mean(x - shift, group, weights)
    group_mean = mean * fit.value_share / fit.population_share
    return MeanDifference(
        total=fit.total * mean,
        within=fit.within * mean,
        net_between=fit.net_between * mean,
        transvariation=fit.transvariation * mean,
        groups=fit.groups,
        group_difference=fit.group_gini * group_mean,
        group_mean=group_mean + shift,
        affluence=fit.affluence,
        part=fit.part * mean,
        n=fit.n,
        n_missing=fit.n_missing,
    )


def variance_split(
    values: ArrayLike, group: ArrayLike, weights: ArrayLike | None = None
) -> VarianceSplit:
    """Variance of n values, negative ones too, within and between the groups `group`."""
    x = np.asarray(values, dtype=float)
    there = x[np.isfinite(x)]
    data = check_values(x - (float(there.min()) if there.size else 0.0), weights, group)
    k = len(data.groups)
    if not data.values.size:
        nan, nans = float("nan"), np.full(k, np.nan)
        return VarianceSplit(nan, nan, nan, data.groups, nans, nans, 0, data.n_missing)
    weight = np.bincount(data.codes, data.weights, k)
    share = weight / weight.sum()
    mean = np.bincount(data.codes, data.weights * data.values, k) / weight
    off = data.values - mean[data.codes]
    variance = np.bincount(data.codes, data.weights * off**2, k) / weight
    contribution = share * variance
    between = float(np.sum(share * (mean - np.sum(share * mean)) ** 2))
    within = float(contribution.sum())
    return VarianceSplit(
        within + between, within, between, data.groups, variance, contribution,
        len(data.values), data.n_missing,
    )  # fmt: skip


def _weighted_mean(values: Floats, group: ArrayLike, weights: ArrayLike | None) -> float:
    data = check_values(values, weights, group)
    if not data.values.size:
        return float("nan")
    return float(np.sum(data.weights * data.values) / np.sum(data.weights))
