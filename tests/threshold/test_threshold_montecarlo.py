"""Size of the tests and coverage of the sets by Monte Carlo: `make verify`."""

import numpy as np
import pytest
from threshold_helpers import panel_of, simulate

from analysis.threshold import Grid, bootstrap_tests, linearity_test, search_thresholds

pytestmark = pytest.mark.verify

RUNS = 400
GRID = Grid("quantile", 60, 0.1)


def band(share, runs=RUNS):
    """Four binomial standard errors: a right program fails once in 15,000 times."""
    return 4 * np.sqrt(share * (1 - share) / runs)


@pytest.mark.parametrize("resample", ["unit", "wild"])
@pytest.mark.parametrize("convention", ["hansen", "xthreg"])
def test_size_without_threshold(resample, convention):
    rejected = 0
    for seed in range(RUNS):
        panel = panel_of(simulate(60, 8, seed=seed, slopes=(1.0, 1.0)), convention=convention)
        test = bootstrap_tests(
            search_thresholds(panel, 1, GRID), 199, seed=seed, resample=resample
        )[0]
        rejected += test.p_value < 0.05
    assert abs(rejected / RUNS - 0.05) < band(0.05) + 0.01  # the bootstrap's own small bias


@pytest.mark.parametrize("null", ["fixed", "reestimated"])
def test_size_of_the_second_test(null):
    """One true threshold: a second one is found in about 5 % of samples."""
    rejected = 0
    for seed in range(RUNS):
        panel = panel_of(simulate(60, 8, seed=seed, slopes=(0.0, 1.5)), convention="xthreg")
        search = search_thresholds(panel, 2, GRID)
        rejected += bootstrap_tests(search, 199, seed=seed, null=null)[1].p_value < 0.05
    # With the first threshold taken as known the test leans to rejecting: its own draws do not
    # search again for what the sample had to search for.
    assert rejected / RUNS < 0.05 + band(0.05) + (0.04 if null == "fixed" else 0.02)
    assert rejected / RUNS > 0.05 - band(0.05) - 0.01


def test_size_where_the_variance_depends_on_x():
    """Signs by unit hold the size; drawing units' vectors for one another does not."""
    rejected = {"unit": 0, "wild": 0}
    for seed in range(RUNS):
        data = simulate(60, 8, seed=seed, slopes=(1.0, 1.0))
        noise = np.random.default_rng(seed + 10**6).normal(size=480)
        data["y"] = data["y"] + 1.5 * noise * np.abs(data["x"] - data["x"].mean())
        search = search_thresholds(panel_of(data, convention="xthreg"), 1, GRID)
        for resample in rejected:
            test = bootstrap_tests(search, 199, seed=seed, resample=resample)[0]
            rejected[resample] += test.p_value < 0.05
    assert abs(rejected["wild"] / RUNS - 0.05) < band(0.05) + 0.01
    assert rejected["unit"] / RUNS > 0.2  # the reason to offer signs at all


def test_power():
    found = 0
    for seed in range(100):
        panel = panel_of(simulate(60, 8, seed=seed, slopes=(0.0, 0.6)), convention="xthreg")
        test = bootstrap_tests(search_thresholds(panel, 1, GRID), 199, seed=seed)[0]
        found += test.p_value < 0.05
    assert found > 80


def test_coverage_of_the_confidence_set():
    """95 % sets hold the truth at least so often (Hansen 2000: conservative for large effects)."""
    inside = 0
    for seed in range(RUNS):
        data = simulate(60, 8, seed=seed, slopes=(0.0, 0.8), thresholds=(0.2,))
        panel = panel_of(data, convention="xthreg")
        interval = search_thresholds(panel, 1, Grid("all", trim=0.1)).models[0].intervals[0]
        # The truth as a candidate: the largest value of q that splits the rows as it does.
        truth = interval.grid[np.searchsorted(interval.grid, 0.2, side="right") - 1]
        inside += bool(interval.inside[interval.grid == truth][0])
    assert inside / RUNS > 0.95 - band(0.95)


def test_size_of_the_linearity_test():
    p = np.array(
        [
            [t.lm_f_p, t.lm_cluster_p]
            for seed in range(RUNS)
            for t in [
                linearity_test(
                    panel_of(simulate(60, 8, seed=seed, slopes=(1.0, 1.0)), convention="xthreg"),
                    order=1,
                )
            ]
        ]
    )
    rejected = (p < 0.05).mean(axis=0)
    assert np.all(np.abs(rejected - 0.05) < band(0.05) + 0.01)
