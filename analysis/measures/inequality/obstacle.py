"""The obstacle-degree model: which indicator holds which city back."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from analysis.measures.inequality.values import Floats, InequalityError, Ints

ROUNDING = 1e-9  # a scaled value may leave [0, 1] by that


@dataclass(frozen=True)
class ObstacleDegree:
    """Obstacles of n units in k indicators and d dimensions.

    degree (n, k): share of the unit's weighted distance from the best that is due to each
    indicator; rows sum to 1, to 0 for a unit that is best in everything, and are NaN where a
    value is missing. dimensions (d,), by_dimension (n, d): the same summed by dimension.
    order (n, k): indicators from the largest obstacle to the smallest.
    """

    degree: Floats
    dimensions: tuple[str, ...]
    by_dimension: Floats
    order: Ints


def obstacle_degree(
    scaled: ArrayLike, weights: ArrayLike, dimension: Sequence[str] | None = None
) -> ObstacleDegree:
    """Obstacle degree from values scaled into [0, 1] (n, k), 1 the best, and weights (k,).

        degree_ij = w_j (1 - r_ij) / sum_j w_j (1 - r_ij)

    `dimension` names the dimension of each indicator (k). Weights need not sum to one. Raises
    InequalityError if values leave [0, 1] or weights are negative.
    """
    r, w = np.asarray(scaled, dtype=float), np.asarray(weights, dtype=float)
    if r.ndim != 2 or w.shape != (r.shape[1],):
        raise InequalityError(
            f"scaled and weights: expected (n, k) and (k,), got {r.shape} and {w.shape}"
        )
    labels = ["all"] * len(w) if dimension is None else list(dimension)
    if len(labels) != len(w):
        raise InequalityError(f"dimension: expected {len(w)} names, got {len(labels)}")
    if not (np.isfinite(w).all() and (w >= 0).all() and w.sum() > 0):
        raise InequalityError(f"weights: expected zero or more, not all zero, got {w.tolist()}")
    outside = (r < -ROUNDING) | (r > 1 + ROUNDING) | np.isinf(r)
    if outside.any():
        row, column = (int(v) for v in np.argwhere(outside)[0])
        raise InequalityError(
            f"row {row}, indicator {column}: {r[row, column]:g} is outside [0, 1]; scale first, "
            "and turn indicators where less is better"
        )
    distance = w * (1 - np.clip(r, 0.0, 1.0))
    total = distance.sum(axis=1, keepdims=True)
    degree = np.divide(distance, total, out=np.zeros_like(distance), where=total != 0)
    degree[np.isnan(total[:, 0])] = np.nan
    names = tuple(dict.fromkeys(labels))
    member = np.array([[label == name for name in names] for label in labels], dtype=float)
    return ObstacleDegree(
        degree, names, degree @ member, np.argsort(-degree, axis=1, kind="stable")
    )
