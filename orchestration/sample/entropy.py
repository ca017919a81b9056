"""The entropy-weight index in numpy, as the pipeline computes it in SQL.

Belongs here: the index that defines the sample's truth. Does not belong here: figures, policies.
Kept apart from the warehouse's SQL on purpose, so that one can be checked against the other.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

POINTS = 100.0  # the study's outcome is the score times 100


@dataclass(frozen=True)
class EntropyIndex:
    """Score per observation in [0, 1]; weight, minimum and range per indicator."""

    score: NDArray[np.float64]
    weight: NDArray[np.float64]
    minimum: NDArray[np.float64]
    span: NDArray[np.float64]

    @property
    def points_per_unit(self) -> NDArray[np.float64]:
        """Index points that one unit of each indicator adds: 100 w / (max - min)."""
        return POINTS * self.weight / self.span


def entropy_index(x: NDArray[np.float64]) -> EntropyIndex:
    """Pooled entropy-weight index over observations x indicators, all of positive direction.

    z = (x - min) / (max - min), p = z / sum z, e = -sum p ln p / ln n with 0 ln 0 = 0,
    w = (1 - e) / sum (1 - e), score = sum w z.

    Raises ValueError where an indicator is constant or has a missing value.
    """
    if not np.isfinite(x).all():
        raise ValueError("entropy index: a value is missing; fill the gaps before")
    low, high = x.min(axis=0), x.max(axis=0)
    span = high - low
    if (span <= 0).any():
        raise ValueError(f"entropy index: constant indicator in column {int(np.argmin(span))}")
    z = (x - low) / span
    p = z / z.sum(axis=0)
    entropy = -(p * np.log(np.where(p > 0, p, 1.0))).sum(axis=0) / np.log(x.shape[0])
    weight = (1 - entropy) / (1 - entropy).sum()
    return EntropyIndex(score=z @ weight, weight=weight, minimum=low, span=span)
