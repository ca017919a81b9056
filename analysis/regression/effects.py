"""Fixed effects of units and periods: taking them out, counting them, finding what they absorb.

Belongs here: exact projections and counts on integer group codes, and collinearity once the
effects are out. Does not belong here: coefficients and standard errors.
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

FloatArray: TypeAlias = npt.NDArray[np.float64]
IntArray: TypeAlias = npt.NDArray[np.intp]

# A column is collinear if less than this share of its norm is left once the effects and the
# columns before it are out: an R2 above 1 - 1e-10. linearmodels draws its line at the same place.
COLLINEAR_TOLERANCE = 1e-5


@dataclass(frozen=True)
class DroppedTerm:
    """A regressor that was left out of a fit, and why."""

    name: str
    reason: str


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


def independent_columns(
    x: FloatArray,
    within: FloatArray,
    names: tuple[str, ...],
    groups: tuple[IntArray, ...],
    absorbed_by: str,
) -> tuple[list[int], list[DroppedTerm]]:
    """Columns of `x` (n x k) to keep, and those to drop with the reason.

    `within` (n x k) is what `take_out` leaves of them.

    A column stays unless it is constant, absorbed by the effects, or a linear combination of the
    columns before it; so the order of the columns decides which of two collinear ones stays.
    `absorbed_by` names the effects for the reason.
    """
    kept: list[int] = []
    basis: list[FloatArray] = []
    dropped: list[DroppedTerm] = []
    for j, name in enumerate(names):
        centred = x[:, j] - x[:, j].mean()
        size = np.linalg.norm(centred)
        # Means are exact to rounding only: what is below it is a constant.
        rounding = np.finfo(float).eps * len(x) * (np.abs(x[:, j]).max() + 1e-300)
        if size <= rounding:
            dropped.append(DroppedTerm(name, "does not vary in the sample"))
            continue
        left = within[:, j]
        if np.linalg.norm(left) < COLLINEAR_TOLERANCE * size:
            dropped.append(DroppedTerm(name, f"absorbed by {absorbed_by}"))
            continue
        rest = left / np.linalg.norm(left)
        for _ in range(2):  # twice is enough for orthogonality to machine precision
            for vector in basis:
                rest = rest - (vector @ rest) * vector
        if np.linalg.norm(rest) < COLLINEAR_TOLERANCE:
            loads = np.linalg.lstsq(within[:, kept], left, rcond=None)[0]
            weights = np.abs(loads) * np.linalg.norm(within[:, kept], axis=0)
            others = [
                names[i]
                for i, w in zip(kept, weights, strict=True)
                if w > COLLINEAR_TOLERANCE * np.linalg.norm(left)
            ]
            beside = f" and {absorbed_by}" if groups else ""
            dropped.append(
                DroppedTerm(name, f"a linear combination of {', '.join(others)}{beside}")
            )
            continue
        basis.append(rest / np.linalg.norm(rest))
        kept.append(j)
    return kept, dropped
