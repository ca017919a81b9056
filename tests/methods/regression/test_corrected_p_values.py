"""p values corrected for their number: statsmodels, closed forms, a Monte Carlo of the chance of any error."""

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests

from analysis.regression.difference import coefficient_difference, pairwise_contributions
from analysis.regression.multiple import DRAWS, holm, stepdown
from analysis.regression.panel import fit_panel

SIMULATION = 4 * 0.5 / np.sqrt(DRAWS)  # four standard errors of a share at its most uncertain
SCORES = 2_000  # clusters, so many that signed sums are normal


def test_holm_is_that_of_statsmodels_and_leaves_unknown_ones_out():
    p = np.random.default_rng(0).uniform(size=20) ** 2
    np.testing.assert_allclose(holm(p), multipletests(p, method="holm")[1], rtol=1e-15)
    with_gap = holm(np.insert(p, 3, np.nan))
    assert np.isnan(with_gap[3])
    np.testing.assert_array_equal(np.delete(with_gap, 3), holm(p))
    assert holm([0.9, 0.8]).tolist() == [1.0, 1.0]


def test_one_statistic_has_its_normal_p_value():
    scores = np.random.default_rng(1).normal(size=(SCORES, 1))
    for t in (0.5, 1.96, 2.6):
        p = stepdown([t], scores, seed=1)[0]
        assert p == pytest.approx(2 * stats.norm.sf(t), abs=SIMULATION)


def test_independent_statistics_step_down_as_sidak_and_equal_ones_not_at_all():
    rng = np.random.default_rng(2)
    t = np.array([2.9, -1.0, 2.2])
    p = stepdown(t, rng.normal(size=(SCORES, 3)), seed=1)
    single = 2 * stats.norm.sf(np.abs(t))
    expected = [1 - (1 - single[0]) ** 3, single[1], 1 - (1 - single[2]) ** 2]
    np.testing.assert_allclose(p, expected, atol=SIMULATION)
    alike = np.repeat(rng.normal(size=(SCORES, 1)), 3, axis=1) * [1.0, -2.0, 5.0]
    np.testing.assert_allclose(stepdown(t, alike, seed=1), single, atol=SIMULATION)


def test_unknown_statistics_take_no_part_and_order_and_units_decide_nothing():
    rng = np.random.default_rng(3)
    scores, t = rng.normal(size=(300, 4)), np.array([2.5, 1.5, -2.0, np.nan])
    p = stepdown(t, scores, seed=1)
    assert np.isnan(p[3])
    np.testing.assert_array_equal(p[:3], stepdown(t[:3], scores[:, :3], seed=1))
    np.testing.assert_array_equal(p[::-1], stepdown(t[::-1], scores[:, ::-1], seed=1))
    np.testing.assert_array_equal(p, stepdown(t, scores * [1, 1e6, 1e-6, 1], seed=1))
    assert np.isnan(stepdown([1.0], np.zeros((5, 1)), seed=1)).all()


def fits_of(rng, groups=3, n=25, years=6):
    """The same effect in groups of cities, each fitted by itself."""
    fits = []
    for group in range(groups):
        unit, time = np.repeat(np.arange(n) + 100 * group, years), np.tile(np.arange(years), n)
        x = rng.normal(size=(n * years, 1))
        y = 0.3 * x[:, 0] + rng.normal(size=100 * groups)[unit] + rng.normal(size=n * years)
        fits.append(fit_panel(y, x, unit, time, effects=("unit", "time"), names=("x",)))
    return fits


def test_contributions_of_pairs_are_those_of_their_differences():
    fits = fits_of(np.random.default_rng(4))
    found = pairwise_contributions(fits, "x")
    assert found.shape == (75, 3)
    for k, (one, other) in enumerate([(0, 1), (0, 2), (1, 2)]):
        pair = pairwise_contributions([fits[one], fits[other]], "x")
        test = coefficient_difference(fits[one], fits[other], "x")
        assert (found[:, k] ** 2).sum() == pytest.approx((pair**2).sum(), rel=1e-12)
        assert np.sqrt((pair**2).sum()) == pytest.approx(test.std_error, rel=0.05)


@pytest.mark.verify
def test_any_false_difference_among_groups_is_found_in_a_twentieth_of_samples():
    """Of 500 samples with the same effect everywhere, at 5 %: both corrections, and none."""
    rng = np.random.default_rng(5)
    found = {"none": 0, "holm": 0, "stepdown": 0}
    samples = 500
    for _ in range(samples):
        fits = fits_of(rng)
        tests = [coefficient_difference(fits[j], fits[k], "x") for j, k in ((0, 1), (0, 2), (1, 2))]
        p = [test.p_value for test in tests]
        down = stepdown(
            [t.t_value for t in tests], pairwise_contributions(fits, "x"), seed=1, draws=999
        )
        for name, values in (("none", p), ("holm", holm(p)), ("stepdown", down)):
            found[name] += bool(np.min(values) < 0.05)
    error = np.sqrt(0.05 * 0.95 / samples)
    # Clustered errors of 25 cities a group are a little small: 7 % is what a single test has here.
    assert found["holm"] <= found["stepdown"] <= samples * (0.07 + 3 * error)
    assert found["none"] > samples * 0.09
