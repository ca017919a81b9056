"""Smooth weights: every control within a radius, or all near ones by a kernel.

Belongs here: those weights. Does not belong here: single neighbours (`neighbours`), weights that balance
by themselves (`entropy`).
"""

from collections.abc import Callable

import numpy as np

from analysis.methods.matching.numbers.neighbours import Matched, distances, tie_width
from analysis.methods.matching.numbers.propensity import Flags, Floats


def within_radius(place: Floats, treated: Flags, radius: float) -> Matched:
    """All controls at most `radius` from a treated share its 1 equally (Dehejia and Wahba 2002).

    `place` (n,), `treated` (n).
    """
    tie = tie_width(place)
    return _smoothed(place, treated, lambda gap: (gap <= radius + tie).astype(float))


def by_kernel(place: Floats, treated: Flags, bandwidth: float) -> Matched:
    """Controls share a treated's 1 by Epanechnikov's kernel of their distance over the bandwidth.

    As psmatch2's default: 1 - u^2 for |u| < 1 (Heckman, Ichimura and Todd 1997).
    """
    return _smoothed(place, treated, lambda gap: np.maximum(1 - (gap / bandwidth) ** 2, 0.0))


def _smoothed(place: Floats, treated: Flags, kernel: Callable[[Floats], Floats]) -> Matched:
    weight, uses = np.zeros(len(place)), np.zeros(len(place), dtype=np.int64)
    ours, others = np.flatnonzero(treated), np.flatnonzero(~treated)
    for block, gap in distances(place[:, None], ours, others, None, 0.0):
        parts = kernel(gap)
        total = parts.sum(axis=1)
        found = total > 0
        weight[others] += (parts[found] / total[found, None]).sum(axis=0)
        uses[others] += (parts > 0).sum(axis=0)
        weight[block[found]] = 1.0
        uses[block] = (parts > 0).sum(axis=1)
    return Matched(weight, uses)


__all__ = ["by_kernel", "within_radius"]
