"""Coverage of the intervals and bias behind the pre-test by Monte Carlo: `make verify`."""

import numpy as np
import pytest

from analysis.methods.sensitivity.numbers.conditional import HybridTest
from analysis.methods.sensitivity.numbers.fixed_length import fixed_length, frontier
from analysis.methods.sensitivity.numbers.moments import (
    EventEffects,
    relative_magnitudes,
    smoothness,
)
from analysis.methods.sensitivity.numbers.pretest import CRITICAL, undetected

pytestmark = pytest.mark.verify

RUNS = 4000
BAND = 4 * np.sqrt(0.05 * 0.95 / RUNS)
"""Four binomial standard errors: a right program fails once in 15,000 times."""
BEFORE, AFTER = 3, 3
WEIGHTS = np.full(AFTER, 1 / AFTER)


def covariance() -> np.ndarray:
    root = np.random.default_rng(1).normal(size=(6, 9))
    return 0.02 * root @ root.T / 9


def drawn(delta: np.ndarray):
    """Effects of 0 with a violation `delta` (6,), many times."""
    spread = covariance()
    draws = np.random.default_rng(2).multivariate_normal(delta, spread, size=RUNS)
    return [EventEffects(each, spread, BEFORE) for each in draws]


@pytest.mark.parametrize(
    ("bound", "delta"),
    [
        (1.0, [0, 0, 0, 0, 0, 0]),
        (1.0, [-0.6, -0.4, -0.2, 0.2, 0.4, 0.6]),
        (1.0, [-0.1, 0.1, -0.2, 0.3, 0.6, 0.9]),
        (0.5, [0.6, 0.4, 0.2, -0.1, -0.2, -0.3]),
    ],
)
def test_relative_magnitudes_cover(bound, delta):
    """Violations at the edge of the bound; theta is 0, the estimate's mean is not."""
    zero = np.zeros(1)
    covered = np.mean(
        [
            HybridTest(relative_magnitudes(e, WEIGHTS, bound)).accepts(zero)[0]
            for e in drawn(np.array(delta, float))
        ]
    )
    print(f"relative magnitudes {bound}, {delta}: {covered:.3f}")
    assert covered >= 0.95 - BAND


@pytest.mark.parametrize("kind", ["conditional", "fixed"])
@pytest.mark.parametrize("slope", [0.0, 0.3])
def test_smoothness_covers(kind, slope):
    """A line that bends by the bound each year."""
    bound = 0.1
    t = np.array([-3, -2, -1, 1, 2, 3.0])
    delta = slope * t + bound * t**2 / 2
    path = frontier(drawn(delta)[0], WEIGHTS)
    covered = []
    for e in drawn(delta):
        if kind == "fixed":
            own = fixed_length(e, path, bound, 0.05)
            covered.append(own.low <= 0 <= own.high)
        else:
            covered.append(HybridTest(smoothness(e, WEIGHTS, bound)).accepts(np.zeros(1))[0])
    print(f"smoothness {kind}, slope {slope}: {np.mean(covered):.3f}")
    assert np.mean(covered) >= 0.95 - BAND


def test_the_bias_behind_the_pretest_is_that_of_draws():
    effects = EventEffects(np.zeros(6), covariance(), BEFORE)
    found = undetected(effects, WEIGHTS, 0.5)
    t = np.array([-3, -2, -1, 1, 2, 3.0])
    draws = np.random.default_rng(3).multivariate_normal(
        found.slope * t, effects.covariance, size=2_000_000
    )
    errors = np.sqrt(np.diag(effects.covariance))
    passed = (np.abs(draws[:, :3]) < CRITICAL * errors[:3]).all(axis=1)
    assert passed.mean() == pytest.approx(0.5, abs=2e-3)
    assert draws[passed, 3:].mean() == pytest.approx(found.bias_passed, rel=2e-3)
