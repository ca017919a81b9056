"""Random numbers of the sample, and the paths that figures follow over the years.

Belongs here: streams of numbers, links and growth. Does not belong here: any figure.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from orchestration.sample.places import YEARS

Array = NDArray[np.float64]
Figures = dict[tuple[str, str], Array]
"""Units x years by indicator and scope."""

_T = len(YEARS)
_TAU = np.linspace(0.0, 1.0, _T)
RAMP = 3 * _TAU**2 - 2 * _TAU**3
"""Share of the growth that is done by each year: fastest in the middle ones."""


@dataclass(frozen=True)
class Draws:
    """Random numbers, one stream per name: no figure depends on another's draws."""

    seed: int
    n: int

    def _rng(self, name: str) -> np.random.Generator:
        return np.random.default_rng([self.seed, zlib.crc32(name.encode())])

    def city(self, name: str) -> Array:
        """Normal scores in random order, one per unit; n.

        The same set of scores for every seed keeps tails, and with them entropy weights, steady.
        """
        return self._rng(name).permutation(_normal_scores(self.n))

    def uniform(self, name: str, size: tuple[int, ...]) -> Array:
        """Uniform numbers in [0, 1)."""
        return self._rng(name).random(size)

    def years(self, name: str, rho: float) -> Array:
        """Stationary AR(1) with unit variance; n x years."""
        shock = self._rng(name + "/years").standard_normal((self.n, _T)).clip(-3, 3)
        out = np.empty_like(shock)
        out[:, 0] = shock[:, 0]
        for t in range(1, _T):
            out[:, t] = rho * out[:, t - 1] + np.sqrt(1 - rho**2) * shock[:, t]
        return out


@lru_cache(maxsize=4)
def _normal_scores(n: int) -> Array:
    normal = NormalDist()
    return np.array([normal.inv_cdf((k + 0.5) / n) for k in range(n)])


def logit(p: Array | float) -> Array:
    """Log odds."""
    return np.log(np.asarray(p) / (1 - np.asarray(p)))


def logistic(x: Array) -> Array:
    """Inverse of `logit`."""
    return 1 / (1 + np.exp(-x))


def growth_path(start: float, end: float) -> Array:
    """Level of the average city in every year: the log runs from `start` to `end`, years."""
    return np.exp(np.log(start) + RAMP * np.log(end / start))
