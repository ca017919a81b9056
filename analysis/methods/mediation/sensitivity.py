"""How an indirect effect changes if the errors of mediator and outcome are correlated.

Belongs here: the indirect effect at a correlation, and the correlation at which it vanishes (Imai, Keele and
Yamamoto 2010, Statistical Science 25(1), section 5.2; linear models without interaction). Does not belong
here: the paths themselves (`numbers`), drawing (`draws`).

Sequential ignorability says that the errors u of the mediator and v of the outcome are uncorrelated. If their
correlation is rho, regression finds b too large by rho / sqrt(1 - rho^2) times s = sd(v) / sd(u), v and u being
the residuals of regression, and the indirect effect is

    a (b - s rho / sqrt(1 - rho^2)),

which is their equation for ACME(rho) with its terms put together: their sigma_1 / sigma_2 times
rho~ is b, and times sqrt(1 - rho~^2) is s. It vanishes at rho~ = b / sqrt(b^2 + s^2).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.regression.rank import FloatArray

RHO_GRID = tuple(round(-0.9 + 0.1 * step, 1) for step in range(19))
"""Correlations that are tried, as in R's mediation."""


@dataclass(frozen=True)
class Sensitivity:
    """The indirect effect over a grid of correlations.

    ``rho``, ``indirect``, ``ci_low`` and ``ci_high`` (g); ``rho_zero`` is where it vanishes, with its
    interval; ``r2_zero`` is its square, the product of the shares of the two errors that an unobserved
    cause explains there (their R2*_M R2*_Y).
    """

    rho: FloatArray
    indirect: FloatArray
    ci_low: FloatArray
    ci_high: FloatArray
    rho_zero: float
    rho_zero_low: float
    rho_zero_high: float
    r2_zero: float


def indirect_at(rho: FloatArray, a: FloatArray, b: FloatArray, spread: FloatArray) -> FloatArray:
    """Indirect effects (n, g) at correlations (g) for paths a, b and s (n)."""
    moved = rho / np.sqrt(1 - rho**2)
    return np.asarray(a[:, None] * (b[:, None] - spread[:, None] * moved))


def vanishing(b: FloatArray, spread: FloatArray) -> FloatArray:
    """Correlations at which b, and with it the indirect effect, is 0."""
    return np.asarray(b / np.hypot(b, spread))


def sensitivity(
    path: tuple[float, float, float],
    draws: tuple[FloatArray, FloatArray, FloatArray],
    level: float,
) -> Sensitivity:
    """Sensitivity of a path (a, b, s), with percentile intervals of its draws (three of (n,))."""
    rho = np.array(RHO_GRID)
    tails = [(1 - level) / 2, (1 + level) / 2]
    own = tuple(np.array([number]) for number in path)
    low, high = np.quantile(indirect_at(rho, *draws), tails, axis=0)
    zero = float(vanishing(own[1], own[2])[0])
    ends = np.quantile(vanishing(draws[1], draws[2]), tails)
    return Sensitivity(
        rho=rho,
        indirect=indirect_at(rho, *own)[0],
        ci_low=low,
        ci_high=high,
        rho_zero=zero,
        rho_zero_low=float(ends[0]),
        rho_zero_high=float(ends[1]),
        r2_zero=zero**2,
    )


__all__ = ["RHO_GRID", "Sensitivity", "indirect_at", "sensitivity", "vanishing"]
