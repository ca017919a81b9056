"""Theil's two indices and their exact split into differences within and between groups.

Source: Theil (1967); Shorrocks (1980) for the decomposition.
"""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.logarithm import log
from analysis.measures.inequality.values import Floats, InequalityError, check_values

Index = Literal["T", "L"]


@dataclass(frozen=True)
class Theil:
    """total = within + between; within is the sum of contribution.

    groups (k,): labels; group_index (k,): the index inside each group; contribution (k,): its
    weighted part of `within`; weight (k,): the weights, shares of the amount (T) or of the
    population (L). n, n_missing: rows used, and left out for a missing value.
    """

    index: Index
    total: float
    within: float
    between: float
    groups: NDArray[Any]
    group_index: Floats
    contribution: Floats
    weight: Floats
    n: int
    n_missing: int


def theil(
    values: ArrayLike,
    group: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    *,
    index: Index = "T",
) -> Theil:
    """Theil's T (weights differences at the top) or L (at the bottom) of n values, by groups.

        T = mean of (x/m) ln(x/m),   L = mean of ln(m/x),   m the weighted mean

    A zero adds 0 to T (the limit) and makes L infinite. Everything is NaN without any value or
    where all are zero; a group of zeros has a NaN T and adds nothing within. Without `group`
    there is one group, and `between` is 0. Raises InequalityError on negative values.
    """
    if index not in ("T", "L"):
        raise InequalityError(f"index {index!r}: choose T or L")
    data = check_values(values, weights, group)
    x, w, k = data.values, data.weights, len(data.groups)
    total_weight, amount = w.sum(), float(np.sum(w * x))
    n, missing = len(x), data.n_missing
    if not amount > 0:
        nan, nans = float("nan"), np.full(k, np.nan)
        return Theil(index, nan, nan, nan, data.groups, nans, nans, nans, n, missing)
    population = np.bincount(data.codes, w, k) / total_weight
    share = np.bincount(data.codes, w * x, k) / amount
    relative_mean = share / population
    inside = np.divide(
        x * total_weight / amount,
        relative_mean[data.codes],
        out=np.ones(n),
        where=relative_mean[data.codes] > 0,
    )
    with np.errstate(divide="ignore"):
        log_inside, log_mean = log(inside), log(relative_mean)
    group_weight = np.bincount(data.codes, w, k)
    nothing = relative_mean == 0
    if index == "T":
        terms = np.where(inside > 0, inside * np.where(inside > 0, log_inside, 0.0), 0.0)
        group_index = np.bincount(data.codes, w * terms, k) / group_weight
        group_index[nothing] = np.nan
        weight = share
        between = float(np.sum(share * np.where(nothing, 0.0, log_mean)))
        contribution = np.where(nothing, 0.0, weight * np.where(nothing, 0.0, group_index))
    else:
        group_index = np.bincount(data.codes, -w * log_inside, k) / group_weight
        weight = population
        between = float(np.sum(-population * log_mean))
        contribution = weight * group_index
    within = float(contribution.sum())
    return Theil(
        index,
        within + between,
        within,
        between,
        data.groups,
        group_index,
        contribution,
        weight,
        n,
        missing,
    )
