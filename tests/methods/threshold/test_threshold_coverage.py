"""Coverage of the confidence sets of a threshold, Hansen's and the robust one: `make verify`.

The truth is in the robust set if its own test doesn't reject; candidates that aren't tested only
widen the set, so that what is measured here is the least it covers.
"""

import numpy as np
import pytest

from analysis.methods.threshold.numbers import Grid, prepare_panel, search_thresholds
from analysis.methods.threshold.numbers.robust_sets import _critical_values
from analysis.methods.threshold.numbers.search import Searcher, profile_of

TRUTH = 0.2
RUNS = 1000
N_UNITS, N_TIMES = 60, 8
# Errors (how their size moves, whether they are correlated over years) and the size of the change
# in their standard deviations; x is a regressor or a staggered treatment.
ERRORS = ("equal", "noisier_far_in_x", "noisier_near_the_threshold", "correlated", "all_at_once")
CHANGES = (0.4, 0.8, 1.6)
LEAST = 0.92  # 95 % less four binomial errors of 1,000 runs


def sample(seed, errors, change, *, treatment=False):
    """A panel with one threshold; the errors have the standard deviation 1 over all rows."""
    rng = np.random.default_rng(seed)
    unit = np.repeat(np.arange(N_UNITS), N_TIMES)
    time = np.tile(np.arange(N_TIMES), N_UNITS)
    n = len(unit)
    mu = rng.normal(size=N_UNITS)[unit]
    correlated = errors in ("correlated", "all_at_once")
    # A structural variable stays where it is; then neighbours in q are years of one unit.
    q = rng.normal(size=N_UNITS)[unit] + 0.3 * rng.normal(size=n) if correlated else None
    q = rng.normal(size=n) + 0.5 * mu if q is None else q
    z = rng.normal(size=n) + mu
    if treatment:
        x = (time >= rng.integers(2, N_TIMES + 4, size=N_UNITS)[unit]).astype(float)
    else:
        x = rng.normal(size=n) + mu
    e = rng.normal(size=(N_UNITS, N_TIMES))
    if correlated:
        for t in range(1, N_TIMES):
            e[:, t] = 0.7 * e[:, t - 1] + np.sqrt(1 - 0.7**2) * e[:, t]
    size = np.ones(n)
    if errors in ("noisier_far_in_x", "all_at_once"):
        size *= np.sqrt(0.2 + (x - x.mean()) ** 2)
    if errors in ("noisier_near_the_threshold", "all_at_once"):
        size *= 0.5 + 2 * np.exp(-0.5 * ((q - TRUTH) / 0.5) ** 2)
    e = e.ravel() * size / np.sqrt((size**2).mean())
    y = mu + 0.3 * z + change * x * (q > TRUTH) + e
    return prepare_panel(y, x, q, unit, time, controls=z, convention="xthreg")


def covered(seed, errors, change, **options):
    """Whether Hansen's and the robust set hold the truth."""
    panel = sample(seed, errors, change, **options)
    search = search_thresholds(panel, 1, Grid("all", trim=0.1, min_active=2))
    searcher = Searcher(panel, search.grid)
    place = int(np.searchsorted(panel.values[searcher.among], search.models[0].thresholds[0]))
    profile = profile_of(searcher, [place], 0, 1)
    # The truth as a candidate: the largest value of q that splits the rows as it does.
    truth = int(np.searchsorted(profile.grid, TRUTH, side="right")) - 1
    critical = _critical_values(searcher, profile, [truth], 199, seed, 0.95)
    return search.models[0].intervals[0].inside[truth], profile.lr[truth] <= critical[0]


@pytest.mark.verify
@pytest.mark.parametrize("treatment", [False, True])
@pytest.mark.parametrize("errors", ERRORS)
def test_robust_sets_cover_whatever_the_errors(errors, treatment):
    """docs/threshold.md quotes these; `pytest -m verify -rP` shows them."""
    for change in CHANGES:
        found = np.array(
            [covered(seed, errors, change, treatment=treatment) for seed in range(RUNS)]
        )
        hansen, robust = found.mean(axis=0)
        print(f"{errors}, treatment {treatment}, change {change}: "
              f"Hansen {hansen:.3f}, robust {robust:.3f}")  # fmt: skip
        assert robust > LEAST
        if errors == "equal":
            assert hansen > LEAST
