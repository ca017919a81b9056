"""Fixed effects of units and periods: taking them out, and counting them.

Belongs here: exact projections and counts on integer group codes. Does not belong here: what they
leave of a column that counts (`rank`), coefficients and standard errors.
"""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from analysis.regression.rank import FloatArray

IntArray: TypeAlias = npt.NDArray[np.intp]

REPEATED = 1e-9
"""Singular value, as a share of the largest, below which a direction of dummies is repeated by trends.

Such directions are rounding (1e-14, with weights 1e-12); the least real one, a period's dummy in a few
units, is above 1e-3."""


def _group_means(
    values: FloatArray, codes: IntArray, weights: FloatArray | None = None
) -> FloatArray:
    size = np.bincount(codes, weights=weights)
    weighted = values if weights is None else values * weights[:, None]
    totals = np.column_stack([np.bincount(codes, weights=column) for column in weighted.T])
    return totals / size[:, None]


def take_out(
    values: FloatArray, groups: tuple[IntArray, ...], weights: FloatArray | None = None
) -> FloatArray:
    """Residuals of each column of `values` (n x k) on the dummies of up to two sets of groups.

    Without groups the mean is taken out. The result is exact for unbalanced panels: the larger set
    is removed by its means, the smaller by least squares on what is left of its dummies
    (Frisch-Waugh-Lovell). With positive `weights` (n) the least squares are weighted; the residuals
    are those of `values`, not multiplied by anything.
    """
    if not groups:
        return values - mean_of(values, weights)
    ordered = sorted(groups, key=lambda codes: int(codes.max()), reverse=True)
    large = ordered[0]
    out: FloatArray = values - _group_means(values, large, weights)[large]
    if len(ordered) == 1:
        return out
    small = ordered[1]
    dummies = np.zeros((len(values), int(small.max()) + 1))
    dummies[np.arange(len(values)), small] = 1.0
    dummies -= _group_means(dummies, large, weights)[large]
    if weights is None:
        return out - dummies @ np.linalg.lstsq(dummies, out, rcond=None)[0]
    root = np.sqrt(weights)[:, None]
    return out - dummies @ np.linalg.lstsq(root * dummies, root * out, rcond=None)[0]


def take_out_trends(
    values: FloatArray,
    units: IntArray,
    time: FloatArray,
    other: IntArray | None = None,
    weights: FloatArray | None = None,
) -> FloatArray:
    """Residuals of `values` (n x k) on each unit's level and linear trend in `time` (n), and `other` dummies.

    Exact for unbalanced panels: unit by unit first, then least squares on what that leaves of the
    dummies, as in `take_out`. A unit with one period has no trend.
    """
    w = np.ones(len(values)) if weights is None else weights
    about = (time[:, None] - _group_means(time[:, None], units, weights)[units])[:, 0]
    spread = np.bincount(units, weights=w * about**2)
    has_trend = spread > np.finfo(float).eps * np.bincount(units, weights=w)

    def detrended(columns: FloatArray) -> FloatArray:
        out = columns - _group_means(columns, units, weights)[units]
        along = np.column_stack([np.bincount(units, weights=w * about * c) for c in out.T])
        slope = np.where(has_trend[:, None], along / np.where(has_trend, spread, 1.0)[:, None], 0.0)
        return np.asarray(out - about[:, None] * slope[units], dtype=np.float64)

    out = detrended(values)
    if other is None:
        return out
    dummies = np.zeros((len(values), int(other.max()) + 1))
    dummies[np.arange(len(values)), other] = 1.0
    dummies = detrended(dummies)
    root = np.sqrt(w)[:, None]
    return out - dummies @ np.linalg.lstsq(root * dummies, root * out, rcond=REPEATED)[0]


def mean_of(values: FloatArray, weights: FloatArray | None = None) -> FloatArray:
    """Mean of each column of `values` (n x k), weighted where weights (n) are given."""
    if weights is None:
        return np.asarray(values.mean(axis=0), dtype=np.float64)
    return np.asarray(weights @ values / weights.sum(), dtype=np.float64)


def connected_sets(first: IntArray, second: IntArray) -> int:
    """Number of connected sets of the graph whose edges are the observations.

    One effect per set is repeated by the others (Abowd, Creecy and Kramarz 2002).
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    n_first, n_second = int(first.max()) + 1, int(second.max()) + 1
    nodes = n_first + n_second
    graph = coo_array((np.ones(len(first)), (first, n_first + second)), shape=(nodes, nodes))
    return int(connected_components(graph, directed=False)[0])


def singletons(groups: tuple[IntArray, ...], n_obs: int) -> npt.NDArray[np.bool_]:
    """Mask (n) of the observations that are alone in a group, found repeatedly.

    Taking one out can leave another alone; the search ends when none is left (Correia 2015).
    """
    kept = np.ones(n_obs, dtype=bool)
    while True:
        alone = np.zeros(n_obs, dtype=bool)
        for codes in groups:
            alone |= kept & (np.bincount(codes[kept], minlength=int(codes.max()) + 1)[codes] == 1)
        if not alone.any():
            return ~kept
        kept &= ~alone


def is_nested(groups: IntArray, clusters: IntArray) -> bool:
    """Whether each group lies in one cluster."""
    pairs = np.unique(np.column_stack([groups, clusters]), axis=0)
    return len(pairs) == len(np.unique(groups))


__all__ = [
    "FloatArray",
    "IntArray",
    "connected_sets",
    "is_nested",
    "mean_of",
    "singletons",
    "take_out",
    "take_out_trends",
]
