"""Fixed-length confidence intervals of an effect whose trend's slope changes by at most M a year.

Belongs here: the affine estimator with the shortest interval (Donoho 1994; Armstrong and Kolesar 2018;
Rambachan and Roth 2023, section 4.1) and its worst bias. Does not belong here: conditional tests.

The effect l'beta is corrected by years before: a'beta with a = l on years after. For the bias to be bounded a
must leave no linear trend; with h the distance from the base, that is sum h v_h = sum h l_h =: K for weights
-v before. Written in changes of slope w, |w_t| <= M, the bias is at most M (sum |post| + sum |x|): the first
a constant, x_j = sum over h > j of (h - j) v_h for j = 1, ..., p - 1, free, and v the second differences of x
(x_0 = K, beyond p - 1: 0). So the least variance for each bias is a lasso path in p - 1 variables, linear
between its knots, along which the half-length cv(bias / error) error is minimised; cv is the quantile of
|N(t, 1)|.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import erfc, exp, pi, sqrt

import numpy as np

from analysis.methods.sensitivity.numbers.moments import EventEffects
from analysis.regression.rank import FloatArray

NEWTON, NO_STEP = 40, 1e-14
"""Steps of Newton's method at most, and one that is none; it has all digits after six."""
ROOT_2 = sqrt(2)
WITHIN = 1e-7
"""Tolerance of the place between two knots; the length is flat there, and right to its square."""


@dataclass(frozen=True)
class FixedLength:
    """The interval ``estimate`` plus and minus ``half_length``; its error and worst bias."""

    estimate: float
    half_length: float
    std_error: float
    bias: float

    @property
    def low(self) -> float:
        """Lower end."""
        return self.estimate - self.half_length

    @property
    def high(self) -> float:
        """Upper end."""
        return self.estimate + self.half_length


@dataclass(frozen=True)
class Frontier:
    """Knots of the path (m, p - 1), from no use of changes before to least variance, and what they are worth.

    ``base`` (k,) and ``along`` (k, p - 1) give the weights base + along @ x; ``post`` is the bias of years after
    per unit of M.
    """

    knots: FloatArray
    base: FloatArray
    along: FloatArray
    post: float


def critical_value(bias: float, alpha: float) -> float:
    """1 - alpha quantile of |N(bias, 1)|, bias not negative."""
    from scipy.special import ndtri

    c = max(float(ndtri(1 - alpha / 2)), bias + float(ndtri(1 - alpha)))
    for _ in range(NEWTON):
        density = exp(-((c - bias) ** 2) / 2) + exp(-((c + bias) ** 2) / 2)
        beyond = (erfc((c - bias) / ROOT_2) + erfc((c + bias) / ROOT_2)) / 2
        step = (beyond - alpha) / (density / sqrt(2 * pi))
        c += step
        if abs(step) < NO_STEP:
            break
    return c


def frontier(effects: EventEffects, weights: FloatArray) -> Frontier:
    """The path of affine estimators with least variance for their bias; the same for all M."""
    p, q = effects.before, effects.after
    ahead = np.arange(1, q + 1)
    total = float(weights @ ahead)
    tails = np.array([weights[j:] @ (ahead[j:] - j) for j in range(q)])
    back = np.zeros((p, p + 1))  # v_h of (x_0, ..., x_p): h = 1 is the year before the base
    for h in range(1, p + 1):
        back[h - 1, h - 1] += 1.0
        back[h - 1, h] -= 2.0
        if h < p:
            back[h - 1, h + 1] += 1.0
    before = back[::-1]  # event times ascend
    base = np.concatenate([before[:, 0] * total, weights])
    along = np.vstack([before[:, 1:p], np.zeros((q, p - 1))])
    quadratic = along.T @ effects.covariance @ along
    linear = along.T @ effects.covariance @ base
    return Frontier(_path(quadratic, linear), base, along, float(np.abs(tails).sum()))


def _path(quadratic: FloatArray, linear: FloatArray) -> FloatArray:
    """Knots (m, n) of the minimisers of x'Qx/2 + g'x + penalty |x|_1, the penalty falling to 0."""
    n = len(linear)
    x = np.zeros(n)
    knots = [x]
    if not n:
        return np.zeros((1, 0))
    penalty = float(np.abs(linear).max())
    active = [int(np.abs(linear).argmax())]
    signs = {active[0]: -np.sign(linear[active[0]])}
    fresh = active[0]
    while penalty > 0:
        own = np.array(sorted(active))
        sign = np.array([signs[j] for j in own])
        solve = np.linalg.inv(quadratic[np.ix_(own, own)])
        slope = solve @ sign  # of x as the penalty falls
        gradient = quadratic @ x + linear
        turn = quadratic[:, own] @ slope
        best, event = penalty, -1
        for j in range(n):
            if j in signs:
                continue
            for side in (1.0, -1.0):  # |gradient + d turn| reaches penalty - d
                rate = side * turn[j] + 1.0
                d = (penalty - side * gradient[j]) / rate if rate > 0 else np.inf
                if 0 <= d < best and not (j == fresh and d <= 1e-14 * penalty):
                    best, event = d, j
        for i, j in enumerate(own):
            if x[j] * slope[i] < 0 and -x[j] / slope[i] < best:
                best, event = float(-x[j] / slope[i]), int(j)
        x = x.copy()
        x[own] += best * slope
        penalty -= best
        fresh = event
        if event in signs:
            x[event] = 0.0
            active.remove(event)
            del signs[event]
        elif event >= 0:
            active.append(event)
            signs[event] = -np.sign((quadratic @ x + linear)[event])
        knots.append(x)
        if event < 0:
            break
    return np.array(knots)


def fixed_length(effects: EventEffects, path: Frontier, bound: float, alpha: float) -> FixedLength:
    """The shortest interval for a bound M on changes of slope."""
    from scipy.optimize import minimize_scalar

    def worth(x: FloatArray) -> tuple[float, float, float]:
        own = path.base + path.along @ x
        error = sqrt(float(own @ effects.covariance @ own))
        bias = bound * (path.post + float(np.abs(x).sum()))
        return error * critical_value(bias / error, alpha), error, bias

    ends = [worth(x)[0] for x in path.knots]
    at = int(np.argmin(ends))
    best = path.knots[at]
    for j in (at - 1, at):  # the half-length has one valley along the path
        if not 0 <= j < len(path.knots) - 1:
            continue
        start, move = path.knots[j], path.knots[j + 1] - path.knots[j]

        def along(s: float, start: FloatArray = start, move: FloatArray = move) -> float:
            return worth(start + s * move)[0]

        found = minimize_scalar(
            along, bounds=(0.0, 1.0), method="bounded", options={"xatol": WITHIN}
        )
        if found.fun < worth(best)[0]:
            best = start + float(found.x) * move
    half, error, bias = worth(best)
    return FixedLength(
        float((path.base + path.along @ best) @ effects.estimates), half, error, bias
    )


__all__ = ["FixedLength", "Frontier", "critical_value", "fixed_length", "frontier"]
