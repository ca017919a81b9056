"""p values of several tests at once, corrected for their number.

Belongs here: Holm's correction and the step-down of Romano and Wolf, on arrays. Does not belong here: the
tests themselves (`difference`), which are taken together.

Both hold the chance of any false rejection at the level, whatever hypotheses are true. Holm's asks nothing
of the tests; the step-down uses how they move together, and so rejects no less.
"""

import numpy as np
import numpy.typing as npt

from analysis.regression.rank import FloatArray, lengths

DRAWS = 9_999
"""Draws of the step-down: a p value of 0.05 has a simulation error of 0.002."""
BLOCK = 1_000
"""Draws made at once, so that memory doesn't grow with them."""
TIES = 1e-9
"""A drawn statistic this share below the true one is as large: the rest is rounding."""


def holm(p_values: npt.ArrayLike) -> FloatArray:
    """Holm's (1979) corrected p values (m); NaN stays NaN and isn't counted among the tests."""
    p = np.asarray(p_values, dtype=float)
    found = np.full(len(p), np.nan)
    known = np.flatnonzero(np.isfinite(p))
    order = known[np.argsort(p[known], kind="stable")]
    factors = len(order) - np.arange(len(order))
    found[order] = np.minimum(np.maximum.accumulate(factors * p[order]), 1.0)
    return found


def stepdown(
    statistics: npt.ArrayLike, contributions: FloatArray, *, seed: int, draws: int = DRAWS
) -> FloatArray:
    """Romano and Wolf's (2005) step-down p values (m) of `statistics` (m), two-sided.

    `contributions` (G, m) is what each cluster adds to each statistic's numerator. Statistics under
    the null are drawn by giving every cluster's contributions a random sign (the wild score bootstrap
    of Kline and Santos 2012 with Rademacher weights): nothing is fitted again, and how the statistics
    move together is kept. p = (1 + draws at least as large) / (1 + draws), made monotone.

    A statistic that is NaN, or has no contributions, gets NaN and takes no part.
    """
    t = np.abs(np.asarray(statistics, dtype=float))
    size = lengths(contributions)
    found = np.full(len(t), np.nan)
    known = np.flatnonzero(np.isfinite(t) & (size > 0))
    order = known[np.argsort(-t[known], kind="stable")]
    if not len(order):
        return found
    unit = contributions[:, order] / size[order]
    rng = np.random.default_rng(seed)
    larger = np.zeros(len(order), dtype=np.int64)
    for start in range(0, draws, BLOCK):
        n = min(BLOCK, draws - start)
        signs = rng.integers(0, 2, (n, len(unit))) * 2.0 - 1.0
        drawn = np.abs(signs @ unit)
        # The largest of the statistics that aren't rejected before: from each on to the smallest.
        remaining = np.maximum.accumulate(drawn[:, ::-1], axis=1)[:, ::-1]
        larger += (remaining >= t[order] * (1 - TIES)).sum(axis=0)
    found[order] = np.maximum.accumulate((1 + larger) / (1 + draws))
    return found


__all__ = ["DRAWS", "holm", "stepdown"]
