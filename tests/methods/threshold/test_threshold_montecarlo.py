"""Size of the tests and coverage of the sets by Monte Carlo: `make verify`."""

import numpy as np
import pytest
from threshold_helpers import panel_of, simulate

from analysis.methods.threshold.numbers import (
    Grid,
    bootstrap_tests,
    linearity_test,
    search_thresholds,
)

pytestmark = pytest.mark.verify

RUNS = 1000
GRID = Grid("quantile", 60, 0.1)


def band(share, runs=RUNS):
    """Four binomial standard errors: a right program fails once in 15,000 times."""
    return 4 * np.sqrt(share * (1 - share) / runs)


def measured(name, share):
    """A share that docs/threshold.md quotes; `pytest -m verify -rP` shows it."""
    print(f"{name}: {share:.3f}")
    return share


def rejected(panel, seed, **options):
    search = search_thresholds(panel, 1, GRID)
    return bootstrap_tests(search, 199, seed=seed, **options)[0].p_value < 0.05


@pytest.mark.parametrize("resample", ["unit", "wild"])
@pytest.mark.parametrize("convention", ["hansen", "xthreg"])
def test_size_without_threshold(resample, convention):
    share = np.mean(
        [
            rejected(
                panel_of(simulate(60, 8, seed=seed, slopes=(1.0, 1.0)), convention=convention),
                seed,
                resample=resample,
            )
            for seed in range(RUNS)
        ]
    )
    measured("rejected", share)
    assert abs(share - 0.05) < band(0.05) + 0.01  # the bootstrap's own small bias


@pytest.mark.parametrize("resample", ["unit", "wild"])
def test_size_with_a_staggered_treatment(resample):
    share = np.mean(
        [
            rejected(
                panel_of(
                    simulate(60, 8, seed=seed, slopes=(1.0, 1.0), treatment=True),
                    convention="xthreg",
                ),
                seed,
                resample=resample,
            )
            for seed in range(RUNS)
        ]
    )
    measured("rejected", share)
    assert abs(share - 0.05) < band(0.05) + 0.01


@pytest.mark.parametrize("scheme", ["hansen", "xthreg"])
def test_size_of_the_second_test(scheme):
    """One true threshold: a second one is found in about 5 % of samples."""
    found = 0
    for seed in range(RUNS):
        panel = panel_of(simulate(60, 8, seed=seed, slopes=(0.0, 1.5)), convention="xthreg")
        search = search_thresholds(panel, 2, GRID)
        found += bootstrap_tests(search, 199, seed=seed, scheme=scheme)[1].p_value < 0.05
    share = measured("rejected", found / RUNS)
    # With the first threshold taken as known the test leans to rejecting: its own draws do not
    # search again for what the sample had to search for.
    assert share < 0.05 + band(0.05) + (0.04 if scheme == "hansen" else 0.02)
    assert share > 0.05 - band(0.05) - 0.01


def test_size_where_the_variance_depends_on_x():
    """Signs by unit hold the size; drawing units' vectors for one another does not."""
    found = {"unit": 0, "wild": 0}
    for seed in range(RUNS):
        data = simulate(60, 8, seed=seed, slopes=(1.0, 1.0))
        noise = np.random.default_rng(seed + 10**6).normal(size=480)
        data["y"] = data["y"] + 1.5 * noise * np.abs(data["x"] - data["x"].mean())
        panel = panel_of(data, convention="xthreg")
        for resample in found:
            found[resample] += rejected(panel, seed, resample=resample)
    shares = {name: measured(name, n / RUNS) for name, n in found.items()}
    assert abs(shares["wild"] - 0.05) < band(0.05) + 0.01
    assert shares["unit"] > 0.2  # the reason to offer signs at all


def test_power():
    found = [
        rejected(panel_of(simulate(60, 8, seed=seed, slopes=(0.0, 0.6)), convention="xthreg"), seed)
        for seed in range(100)
    ]
    assert measured("rejected", np.mean(found)) > 0.8


@pytest.mark.parametrize("change", [0.4, 0.8, 1.6])
def test_coverage_of_the_confidence_set(change):
    """95 % sets hold the truth at least so often (Hansen 2000: conservative for large effects)."""
    inside = 0
    for seed in range(RUNS):
        data = simulate(60, 8, seed=seed, slopes=(0.0, change), thresholds=(0.2,))
        panel = panel_of(data, convention="xthreg")
        interval = search_thresholds(panel, 1, Grid("all", trim=0.1)).models[0].intervals[0]
        # The truth as a candidate: the largest value of q that splits the rows as it does.
        truth = interval.grid[np.searchsorted(interval.grid, 0.2, side="right") - 1]
        inside += bool(interval.inside[interval.grid == truth][0])
    assert measured("covered", inside / RUNS) > 0.95 - band(0.95)


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
    shares = [
        measured(name, share)
        for name, share in zip(("F", "clustered"), (p < 0.05).mean(axis=0), strict=True)
    ]
    assert np.all(np.abs(np.array(shares) - 0.05) < band(0.05) + 0.01)
