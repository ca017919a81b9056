"""Matching on worlds that are drawn: selection on a covariate that trends follow, and the truth is known.

Long: run by `make verify`. Plain differences in differences are biased here; matched ones are not, or by
little, and their intervals cover as they say.
"""

import numpy as np
import pytest

from analysis.methods.matching.numbers.entropy import balancing_weights
from analysis.methods.matching.numbers.neighbours import (
    Reach,
    as_matched,
    rank_of,
    with_replacement,
    without_replacement,
)
from analysis.methods.matching.numbers.propensity import fit_logit
from analysis.methods.matching.numbers.smooth import by_kernel
from analysis.regression.panel import fit_panel

DRAWS = 500
CITIES, YEARS, FIRST = 240, 8, 4
TRUTH = 1.0
TREND = 0.15
"""By how much a year's growth rises with a standard deviation of the first covariate."""
NOMINAL = 0.05
SIMULATION = 3 * np.sqrt(NOMINAL * (1 - NOMINAL) / DRAWS)
"""Three standard errors of a share of 5 % in 500 draws: 2.9 points."""


def world(seed: int) -> dict:
    """A panel whose treated cities have a higher covariate, which growth follows, with AR(1) errors."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(CITIES, 2))
    treated = rng.random(CITIES) < 1 / (1 + np.exp(0.9 - 0.8 * x[:, 0] + 0.3 * x[:, 1]))
    error = rng.normal(size=(CITIES, YEARS))
    for t in range(1, YEARS):
        error[:, t] = 0.5 * error[:, t - 1] + np.sqrt(0.75) * error[:, t]
    years = np.arange(YEARS)
    did = treated[:, None] & (years >= FIRST)
    y = x[:, :1] + 0.2 * years + TREND * x[:, :1] * years + TRUTH * did + error
    return {"x": x, "treated": treated, "y": y, "did": did.astype(float)}


def nearest(x, treated, fit):
    reach = Reach(fit.index, 0.2 * fit.index.std())
    return as_matched(with_replacement(fit.index[:, None], treated, 1, reach), len(x)).weight


def once(x, treated, fit):
    reach = Reach(fit.index, 0.2 * fit.index.std())
    pairs = without_replacement(
        fit.index[:, None], treated, 1, fit.index, rank_of(fit.index, x), reach
    )
    return as_matched(pairs, len(x)).weight


RULES = {
    "plain": lambda x, t, f: np.ones(len(x)),
    "nearest": nearest,
    "once": once,
    "kernel": lambda x, t, f: by_kernel(f.score, t, 0.06).weight,
    "entropy": lambda x, t, f: balancing_weights(x, t, ["a", "b"]),
}


def estimates(rule: str, world_of=world) -> tuple[np.ndarray, np.ndarray]:
    """Estimates (draws,) and whether 5 % tests reject the truth."""
    found, rejected = np.empty(DRAWS), np.empty(DRAWS, dtype=bool)
    unit, time = np.repeat(np.arange(CITIES), YEARS), np.tile(np.arange(YEARS), CITIES)
    for k in range(DRAWS):
        made = world_of(k)
        fit = fit_logit(made["x"], made["treated"], ["a", "b"])
        weight = np.repeat(RULES[rule](made["x"], made["treated"], fit), YEARS)
        used = weight > 0
        did = fit_panel(
            made["y"].ravel()[used], made["did"].ravel()[used, None], unit[used], time[used],
            effects=("unit", "time"), names=("did",), weights=weight[used],
        )  # fmt: skip
        found[k] = did.coefficients[0]
        rejected[k] = not did.ci_low[0] <= TRUTH <= did.ci_high[0]
    return found, rejected


@pytest.mark.verify
def test_plain_differences_are_biased_where_trends_follow_what_selects():
    found, rejected = estimates("plain")
    assert found.mean() - TRUTH > 0.3 and rejected.mean() > 0.5


@pytest.mark.verify
@pytest.mark.parametrize(("rule", "left"), [("nearest", 0.06), ("once", 0.06), ("kernel", 0.06)])
def test_neighbours_leave_little_of_the_bias(rule, left):
    """Neighbours are near, not alike: up to 6 % of the effect is left of a bias of 40 to 50 %."""
    found, _ = estimates(rule)
    assert abs(found.mean() - TRUTH) < left


@pytest.mark.verify
def test_entropy_balancing_recovers_the_truth_with_intervals_that_cover():
    """Growth is linear in what is balanced, so nothing of the bias is left.

    The clustered error takes weights as given and still counts the growth that they balance away: the
    test is cautious (2 % where 5 % are allowed), not exact.
    """
    found, rejected = estimates("entropy")
    assert abs(found.mean() - TRUTH) < 3 * found.std() / np.sqrt(DRAWS)
    assert rejected.mean() < NOMINAL + SIMULATION


def without_trend(seed: int) -> dict:
    made = world(seed)
    return made | {"y": made["y"] - TREND * made["x"][:, :1] * np.arange(YEARS)}


@pytest.mark.verify
@pytest.mark.parametrize("rule", [rule for rule in RULES if rule != "plain"])
def test_tests_have_their_size_where_trends_are_parallel(rule):
    found, rejected = estimates(rule, without_trend)
    assert abs(found.mean() - TRUTH) < 3 * found.std() / np.sqrt(DRAWS)
    assert abs(rejected.mean() - NOMINAL) < SIMULATION
