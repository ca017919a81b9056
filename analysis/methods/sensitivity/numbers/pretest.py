"""Power of the usual test of leads, and what passing it does to the effect (Roth 2022).

Belongs here: the linear trend that the test would find with some probability, and the effect's expected bias
where it doesn't. Does not belong here: bounds on violations.

The test passes where no effect before the policy is significant by itself. Under a trend of slope s the
effects are normal about s times the distance from the base; probability and mean of those within their
critical values are integrals over a box, taken by Genz's separation of variables (Genz and Bretz 2009,
section 4.1.2) on a fixed lattice.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from analysis.methods.sensitivity.numbers.moments import EventEffects, SensitivityError
from analysis.regression.rank import FloatArray

POINTS = 4096
"""Of the lattice: probabilities are right to about 1e-5, as a test against closed forms and a long run says."""
CRITICAL = 1.959963984540054
WITHIN = 1e-10
LARGEST = 100.0
"""Trends are looked for up to this many errors a year."""


@dataclass(frozen=True)
class Undetected:
    """A linear trend that the test finds with probability `power`, and the effect's bias under it.

    ``slope`` is the difference in trends a year; ``bias`` of the effect over all samples, ``bias_passed``
    over those that pass the test. ``passes_more`` is how much likelier passing is under the trend than
    without one, the Bayes factor, and ``likelihood_ratio`` how much likelier the effects before are as they
    were estimated.
    """

    power: float
    slope: float
    bias: float
    bias_passed: float
    passes_more: float
    likelihood_ratio: float


def undetected(effects: EventEffects, weights: FloatArray, power: float) -> Undetected:
    """The slope that the test finds with some power, and the bias of the effect `weights` of years after.

    Raises SensitivityError where the power is no more than the test has without a trend.
    """
    from scipy.optimize import brentq

    p, q = effects.before, effects.after
    before, after = effects.covariance[:p, :p], effects.covariance[p:, :p]
    distance = -np.arange(p, 0, -1.0)
    errors = np.sqrt(np.diag(before))
    without = within_box(np.zeros(p), before)[0]
    if power <= 1 - without:
        raise SensitivityError(
            f"without any trend the test already rejects with probability {1 - without:.2f}: no trend"
            f" has the power {power:g}"
        )

    def excess(slope: float) -> float:
        return 1 - within_box(slope * distance, before)[0] - power

    unit = float(np.min(errors / np.abs(distance)))
    slope = float(brentq(excess, 0.0, LARGEST * unit, xtol=WITHIN * unit))
    passing, mean = within_box(slope * distance, before)
    trend = slope * np.arange(1.0, q + 1)
    carried = after @ np.linalg.solve(before, mean - slope * distance)
    found = np.linalg.solve(before, effects.estimates[:p])
    ratio = slope * distance @ found - slope**2 * distance @ np.linalg.solve(before, distance) / 2
    return Undetected(
        power=power,
        slope=slope,
        bias=float(weights @ trend),
        bias_passed=float(weights @ (trend + carried)),
        passes_more=passing / without,
        likelihood_ratio=float(np.exp(ratio)),
    )


def within_box(mean: FloatArray, covariance: FloatArray) -> tuple[float, FloatArray]:
    """Probability that normals (p,) lie within CRITICAL errors of 0 each, and their mean (p,) if they do."""
    from scipy.special import ndtr, ndtri

    root = np.linalg.cholesky(covariance)
    bound = CRITICAL * np.sqrt(np.diag(covariance))
    p = len(mean)
    lattice = _lattice(p)
    z = np.zeros((POINTS, p))
    weight = np.ones(POINTS)
    for j in range(p):
        shift = mean[j] + z[:, :j] @ root[j, :j]
        low, high = ndtr((-bound[j] - shift) / root[j, j]), ndtr((bound[j] - shift) / root[j, j])
        weight = weight * (high - low)
        inside = low + lattice[:, j] * (high - low)
        z[:, j] = ndtri(np.clip(inside, TINY, 1 - 2e-16))
    total = weight.sum()
    if not total > 0:
        return 0.0, np.asarray(mean)
    x = mean + z @ root.T
    return float(total / POINTS), np.asarray(weight @ x / total)


TINY = 1e-300


@cache
def _lattice(p: int) -> FloatArray:
    """Points (POINTS, p) of a Richtmyer lattice, folded so that functions on it are periodic."""
    primes = [n for n in range(2, 400) if all(n % k for k in range(2, int(n**0.5) + 1))][:p]
    steps = np.outer(np.arange(1, POINTS + 1), np.sqrt(np.array(primes, dtype=float)))
    return np.asarray(np.abs(2 * (steps % 1.0) - 1))


__all__ = ["Undetected", "undetected", "within_box"]
