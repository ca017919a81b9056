"""Fixed effects of units and periods: taking them out, and counting them.

Belongs here: exact projections and counts on integer group codes. Does not belong here: what they
leave of a column that counts (`rank`), coefficients and standard errors.
"""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from analysis.regression.rank import FloatArray

IntArray: TypeAlias = npt.NDArray[np.intp]


def _group_means(values: FloatArray, codes: IntArray) -> FloatArray:
    size = np.bincount(codes)
    totals = np.column_stack([np.bincount(codes, weights=column) for column in values.T])
    return totals / size[:, None]


def take_out(values: FloatArray, groups: tuple[IntArray, ...]) -> FloatArray:
    """Residuals of each column of `values` (n x k) on the dummies of up to two sets of groups.

    Without groups the mean is taken out. The result is exact for unbalanced panels: the larger set
    is removed by its means, the smaller by least squares on what is left of its dummies
    (Frisch-Waugh-Lovell).
    """
    if not groups:
        return values - values.mean(axis=0)
    ordered = sorted(groups, key=lambda codes: int(codes.max()), reverse=True)
    large = ordered[0]
    out: FloatArray = values - _group_means(values, large)[large]
    if len(ordered) == 1:
        return out
    small = ordered[1]
    dummies = np.zeros((len(values), int(small.max()) + 1))
    dummies[np.arange(len(values)), small] = 1.0
    dummies -= _group_means(dummies, large)[large]
    return out - dummies @ np.linalg.lstsq(dummies, out, rcond=None)[0]


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


__all__ = ["FloatArray", "IntArray", "connected_sets", "is_nested", "singletons", "take_out"]
