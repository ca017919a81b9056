"""Multiplier bootstrap of effects (Callaway and Sant'Anna 2021, section 4.1).

Belongs here: draws of influence by cluster, and the critical value that covers all effects at once. Does not
belong here: influence (the estimators), intervals of one effect.

Each draw weights the clusters' influence with numbers of mean 0 and variance 1: Mammen's two points, which keep
the third moment, or signs (Rademacher). Studentised by the analytic error, the quantile of the largest draw
over all effects is the reach of a band that covers them together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from analysis.regression.rank import FloatArray

Multiplier = Literal["mammen", "rademacher"]
GOLDEN = (1 + np.sqrt(5)) / 2
QUARTILES = 1.3489795003921634
"""Distance between the quartiles of the standard normal."""


@dataclass(frozen=True)
class Bootstrap:
    """Standard errors (k,) by the distance of the draws' quartiles, and the reach of the band in analytic ones."""

    errors: FloatArray
    critical: float
    draws: int


def multiplier_bootstrap(
    influence: FloatArray,
    scale: float,
    *,
    draws: int,
    level: float,
    seed: int,
    multiplier: Multiplier = "mammen",
    least: float = 0.0,
) -> Bootstrap:
    """Draws of influence (G, k) by cluster, whose cross-product times `scale` is the covariance.

    Effects without influence are NaN and don't widen the band. `least` is the reach of one effect's interval:
    a band of all is nowhere narrower. The same seed gives the same draws.
    """
    errors = np.sqrt((influence**2).sum(axis=0) * scale)
    there = errors > 0
    weights = _weights(np.random.default_rng(seed), (draws, len(influence)), multiplier)
    drawn = weights @ influence[:, there] * np.sqrt(scale)
    low, high = np.quantile(drawn, [0.25, 0.75], axis=0)
    own = np.full(influence.shape[1], np.nan)
    own[there] = (high - low) / QUARTILES
    largest = (np.abs(drawn) / errors[there]).max(axis=1, initial=0.0)
    return Bootstrap(own, max(least, float(np.quantile(largest, level))), draws)


def _weights(rng: np.random.Generator, size: tuple[int, int], multiplier: Multiplier) -> FloatArray:
    if multiplier == "rademacher":
        return np.where(rng.random(size) < 0.5, -1.0, 1.0)
    return np.where(rng.random(size) < GOLDEN / np.sqrt(5), 1 - GOLDEN, GOLDEN)


__all__ = ["Bootstrap", "Multiplier", "multiplier_bootstrap"]
