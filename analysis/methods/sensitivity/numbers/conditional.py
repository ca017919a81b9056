"""Conditional, least-favourable hybrid tests and intervals of an effect under a bound on violations.

Belongs here: the test of Andrews, Roth and Pakes (2023) as Rambachan and Roth (2023) use it. Does not belong
here: which inequalities a bound makes (`moments`).

The statistic eta is the largest value of the vertices. Given which vertex has it and what is independent of
it, eta is normal between two ends, and its critical value is a quantile of that. The hybrid rejects first
where eta is beyond the 1 - kappa quantile of the least favourable case (all inequalities bind), kappa = alpha
/ 10, then by the conditional test below it with what is left of alpha. A bound of several parts (each change
before may be the largest) is rejected where all of them are. All vertices being made of two normals, the
least favourable quantile is an integral over one of them; HonestDiD simulates it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from analysis.methods.sensitivity.numbers.moments import Inequalities
from analysis.regression.rank import FloatArray

ALPHA = 0.05
FIRST_STAGE = 0.1
"""Share of alpha that the first stage of the hybrid takes, as in their paper and HonestDiD."""
GRID = 200
"""Effects at which an interval is tried first; its ends are then bisected."""
HALVINGS = 30
"""Halvings of a step of the grid: ends are right to its 1e-9."""
BREAKDOWN_HALVINGS = 22
START, STEPS, WITHIN, TINY = 2.8, 60, 1e-11, 1e-12
"""Newton's start (about the quantile of one normal), its most steps, tolerance, and least slope."""
ROOT = float(np.sqrt(2 * np.pi))
SAME = 1e-10
"""Vertices whose covariance with the largest is this close to its variance move with it."""
NODES = 64
"""Of Gauss and Legendre, over a normal between TAIL errors: right to ten digits."""
TAIL = 8.5
LARGEST_BOUND = 1e6
"""Bounds are looked for up to this multiple of where they begin; beyond it nothing overturns an effect."""


@dataclass(frozen=True)
class Interval:
    """Ends of a confidence set, its hull; NaN where no effect is in it."""

    low: float
    high: float


def least_favourable(parts: Inequalities, kappa: float) -> FloatArray:
    """The 1 - kappa quantile (P,) of eta if all inequalities bind: Newton's steps, held within a bracket."""
    low = np.zeros(len(parts.effect))
    high = np.full(len(parts.effect), np.inf)
    c = np.full(len(parts.effect), START)
    for _ in range(STEPS):
        below, density = _distribution(parts, c)
        excess = below - (1 - kappa)
        low, high = np.where(excess < 0, c, low), np.where(excess < 0, high, c)
        step = c - excess / np.maximum(density, TINY)
        inside = (step > low) & (step < high)
        halved = np.where(np.isfinite(high), (low + high) / 2, 2 * c)
        after = np.where(inside, step, halved)
        done = np.abs(after - c).max() <= WITHIN
        c = after
        if done:
            break
    return np.asarray(c)


def _distribution(parts: Inequalities, c: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Probability (P,) that eta is at most c (P,), positive, if all bind; and about its slope in c."""
    from scipy.special import ndtr

    node, weight = _nodes()
    size_error = np.sqrt(parts.spread[:, 1, 1])
    moves = size_error > 0
    safe = np.where(moves, size_error, 1.0)
    least = parts.of_size[:, 2:].min(axis=1)
    start = np.where(moves, np.maximum(c / np.where(least < 0, least, -1.0) / safe, -TAIL), -TAIL)
    half = (TAIL - start) / 2
    z = start[:, None] + half[:, None] * (node + 1)
    density = np.exp(-(z**2) / 2) * (half[:, None] * weight / ROOT)
    slope = np.where(moves, parts.spread[:, 0, 1] / safe**2, 0.0)
    rest = parts.spread[:, 0, 0] - slope**2 * size_error**2
    error = np.sqrt(np.maximum(rest, SAME * parts.spread[:, 0, 0]))
    moved = z * size_error[:, None]
    up, down = (
        ((c / per)[:, None] - (ratio / per + slope)[:, None] * moved) / error[:, None]
        for per, ratio in zip(parts.of_effect.T[:2], parts.of_size.T[:2], strict=True)
    )
    inside = np.maximum(ndtr(up) - ndtr(down), 0.0)
    rates = [1.0 / (np.abs(per) * error) for per in parts.of_effect.T[:2]]
    faster = sum(
        np.exp(-(end**2) / 2) * rate[:, None] / ROOT
        for end, rate in zip((up, down), rates, strict=True)
    )
    return np.asarray((density * inside).sum(axis=1)), np.asarray((density * faster).sum(axis=1))


@cache
def _nodes() -> tuple[FloatArray, FloatArray]:
    node, weight = np.polynomial.legendre.leggauss(NODES)
    return np.asarray(node, dtype=np.float64), np.asarray(weight, dtype=np.float64)


class HybridTest:
    """The test of an effect under a bound: `accepts` tells which values some part of it doesn't reject."""

    def __init__(self, parts: Inequalities, *, alpha: float = ALPHA) -> None:
        self._parts = parts
        self._kappa = FIRST_STAGE * alpha
        self._level = 1 - (alpha - self._kappa) / (1 - self._kappa)
        self._first = least_favourable(parts, self._kappa)
        both = np.stack([parts.of_effect, parts.of_size], axis=2)
        self._covariance = both @ parts.spread @ both.transpose(0, 2, 1)

    def accepts(self, theta: FloatArray) -> npt.NDArray[np.bool_]:
        """Mask (n,) of the effects (n,) that are accepted."""
        return np.asarray((~self.rejections(theta)).any(axis=0))

    def rejections(self, theta: FloatArray) -> npt.NDArray[np.bool_]:
        """Mask (P, n) of the effects (n,) that each part rejects."""
        p = self._parts
        fixed = p.of_effect * p.effect[:, None] + p.of_size * p.size[:, None] - p.constant
        values = fixed[:, None, :] - theta[None, :, None] * p.of_effect[:, None, :]
        best = values.argmax(axis=2)
        eta = np.take_along_axis(values, best[:, :, None], axis=2)
        covariance = np.take_along_axis(self._covariance, best[:, :, None], axis=1)
        variance = np.take_along_axis(covariance, best[:, :, None], axis=2)
        known = variance > 0
        ratio = covariance / np.where(known, variance, 1.0)
        gap = 1.0 - ratio
        ends = (values - ratio * eta) / np.where(np.abs(gap) > SAME, gap, 1.0)
        low = np.where(gap > SAME, ends, -np.inf).max(axis=2)
        high = np.where(gap < -SAME, ends, np.inf).min(axis=2)
        first = self._first[:, None]
        error = np.sqrt(np.where(known, variance, 1.0))[:, :, 0]
        critical = error * truncated_quantile(
            self._level, low / error, np.minimum(high, first) / error
        )
        largest = eta[:, :, 0]
        rejected = (largest > first) | (largest > np.maximum(critical, 0.0))
        return np.asarray(np.where(known[:, :, 0], rejected, largest > 0))


def truncated_quantile(level: float, low: FloatArray, high: FloatArray) -> FloatArray:
    """Quantile of standard normals between `low` and `high`; right in the far tail too."""
    from scipy.special import log_ndtr, ndtri_exp

    above = np.logaddexp(np.log(1 - level) + log_ndtr(-low), np.log(level) + log_ndtr(-high))
    return np.asarray(-ndtri_exp(above))


def interval(test: HybridTest, centre: float, reach: float) -> Interval:
    """Hull of the effects that a test accepts, looked for within `reach` of `centre`, further where it goes on."""
    for _ in range(HALVINGS):
        grid = centre + np.linspace(-reach, reach, GRID + 1)
        inside = test.accepts(grid)
        if not (inside[0] or inside[-1]):
            break
        reach *= 2
    if not inside.any():
        return Interval(float("nan"), float("nan"))
    first, last = np.flatnonzero(inside)[[0, -1]]
    ends = np.array([grid[first], grid[last]])
    beyond = np.array([grid[first - 1], grid[last + 1]])
    for _ in range(HALVINGS):
        middle = (ends + beyond) / 2
        accepted = test.accepts(middle)
        ends, beyond = np.where(accepted, middle, ends), np.where(accepted, beyond, middle)
    return Interval(float(ends[0]), float(ends[1]))


def breakdown(holds: Callable[[float], bool], unit: float) -> float:
    """The largest bound under which something holds, which doesn't beyond it; 0 where it never does.

    Looked for from 0 in steps of `unit` times 1/16, 1/8, 1/4, ... and then bisected; infinite where it holds
    for all.
    """
    if not holds(0.0):
        return 0.0
    low, high = 0.0, unit / 16
    while holds(high):
        low, high = high, 1.25 * high if high > unit / 8 else 2 * high
        if high > LARGEST_BOUND * unit:
            return float("inf")
    for _ in range(BREAKDOWN_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if holds(middle) else (low, middle)
    return low


__all__ = [
    "ALPHA",
    "HybridTest",
    "Interval",
    "breakdown",
    "interval",
    "least_favourable",
    "truncated_quantile",
]
