"""Critical values of sup-t bands against integrals of the multivariate t, and their known bounds."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from analysis.regression import fit_panel
from analysis.regression.simultaneous import joint_test, sup_t

INTEGRAL = 2e-3  # probability: four errors of the simulated directions, and the integral's own
CLOSED_FORM = 1e-9


def equal_correlation(n, rho):
    return np.full((n, n), rho) + (1 - rho) * np.eye(n)


def random_covariance(seed, n):
    rng = np.random.default_rng(seed)
    root = rng.normal(size=(n, n + 2)) * rng.uniform(0.1, 10, size=(n, 1))
    return root @ root.T


def coverage(covariance, df, critical):
    errors = np.sqrt(np.diag(covariance))
    ends = np.full(len(errors), critical)
    shape = covariance / np.outer(errors, errors)
    return stats.multivariate_t(shape=shape, df=df).cdf(
        ends, lower_limit=-ends, maxpts=200_000, random_state=1
    )


@pytest.mark.parametrize("df", [5, 40, 284])
@pytest.mark.parametrize(
    "covariance",
    [
        equal_correlation(2, 0.5), equal_correlation(5, 0.0), equal_correlation(5, 0.9),
        random_covariance(1, 4), random_covariance(2, 8),
    ],
)  # fmt: skip
def test_covers_as_the_integral_of_the_multivariate_t_says(covariance, df):
    for level in (0.9, 0.95):
        found = sup_t(covariance, df, level=level, seed=3)
        assert coverage(covariance, df, found.critical) == pytest.approx(level, abs=INTEGRAL)
        assert found.pointwise <= found.critical <= found.sidak


def test_one_coefficient_has_its_t_quantile():
    for df in (3, 30):
        found = sup_t([[7.0]], df, level=0.95, seed=0)
        assert found.critical == pytest.approx(stats.t.ppf(0.975, df), rel=CLOSED_FORM)
        assert found.error < CLOSED_FORM


def test_limits_perfect_correlation_and_independence():
    """The same coefficient several times is one; independent normal ones have Sidak's value."""
    same = sup_t(np.ones((6, 6)), 50, level=0.95, seed=0)
    assert same.critical == pytest.approx(stats.t.ppf(0.975, 50), rel=CLOSED_FORM)
    opposite = np.outer([1.0, -2.0, 3.0], [1.0, -2.0, 3.0])
    assert sup_t(opposite, 50, level=0.95, seed=0).critical == pytest.approx(same.critical)
    for n in (2, 10):
        independent = sup_t(np.diag(np.arange(1.0, n + 1)), 1e9, level=0.95, seed=4)
        exact = stats.norm.ppf(0.5 + 0.95 ** (1 / n) / 2)
        assert independent.sidak == pytest.approx(exact, rel=1e-6)
        assert abs(independent.critical - exact) < 4 * independent.error
        assert independent.critical < stats.norm.ppf(1 - 0.025 / n)  # Bonferroni


def test_the_stated_error_is_that_of_other_seeds():
    covariance = equal_correlation(8, 0.6)
    found = [sup_t(covariance, 100, level=0.95, seed=seed) for seed in range(30)]
    spread = np.std([one.critical for one in found], ddof=1)
    assert spread == pytest.approx(found[0].error, rel=0.5)
    assert found[0].error < 0.01


@given(
    scale=st.lists(st.floats(1e-6, 1e6), min_size=5, max_size=5),
    seed=st.integers(0, 100),
)
@settings(max_examples=20, deadline=None)
def test_units_of_measurement_do_not_matter(scale, seed):
    covariance = random_covariance(seed, 5)
    other = covariance * np.outer(scale, scale)
    options = {"level": 0.95, "seed": 1, "n_directions": 2000}
    first, second = sup_t(covariance, 20, **options), sup_t(other, 20, **options)
    assert second.critical == pytest.approx(first.critical, rel=1e-7)


def test_rounding_in_the_covariance_stays_rounding():
    """Also where it is singular: the simulated directions don't turn with the last digit."""
    for covariance in (equal_correlation(6, 0.5), np.ones((3, 3)), random_covariance(0, 5)):
        noisy = covariance * (1 + 1e-14 * np.random.default_rng(0).normal(size=covariance.shape))
        noisy = (noisy + noisy.T) / 2
        options = {"level": 0.95, "seed": 1, "n_directions": 2000}
        assert sup_t(noisy, 20, **options).critical == pytest.approx(
            sup_t(covariance, 20, **options).critical, rel=1e-6
        )


def test_the_same_seed_gives_the_same_value():
    covariance = random_covariance(0, 4)
    assert sup_t(covariance, 9, level=0.9, seed=5) == sup_t(covariance, 9, level=0.9, seed=5)
    other = sup_t(covariance, 9, level=0.9, seed=6).critical
    assert other != sup_t(covariance, 9, level=0.9, seed=5).critical


def test_without_a_variance_there_is_no_band():
    for covariance in (np.zeros((0, 0)), np.diag([1.0, 0.0]), np.diag([1.0, np.nan])):
        with pytest.raises(ValueError, match="positive variance"):
            sup_t(covariance, 9, level=0.95, seed=0)


def test_joint_test_is_the_f_of_the_regression():
    rng = np.random.default_rng(0)
    unit, time = np.repeat(np.arange(30), 6), np.tile(np.arange(6), 30)
    x = rng.normal(size=(180, 4))
    y = x @ [0.0, 0.1, 0.0, -0.1] + rng.normal(size=180)
    fit = fit_panel(y, x, unit, time, effects=("unit", "time"), names=tuple("abcd"))
    found = joint_test(fit.coefficients[:4], fit.covariance[:4, :4], fit.df_resid)
    assert found.f_statistic == pytest.approx(fit.f_statistic, rel=CLOSED_FORM)
    assert found.p_value == pytest.approx(fit.f_p_value, rel=CLOSED_FORM)
    assert (found.df_test, found.df_resid) == (4, 29)
    one = joint_test(fit.coefficients[:1], fit.covariance[:1, :1], fit.df_resid)
    assert one.f_statistic == pytest.approx(fit.t_values[0] ** 2)
    assert one.p_value == pytest.approx(fit.p_values[0])


def test_a_joint_test_that_cannot_be_had_is_not_a_number():
    singular = joint_test(np.ones(2), np.ones((2, 2)), 9)
    assert np.isnan([singular.f_statistic, singular.p_value]).all()
    none = joint_test(np.zeros(0), np.zeros((0, 0)), 9)
    assert np.isnan([none.f_statistic, none.p_value]).all()
    assert none.df_test == 0


def test_coefficients_apart_by_rounding_alone_are_not_told_apart():
    """A correlation that differs from 1 in the thirteenth digit is 1: F would be made of rounding."""
    near = np.array([[1.0, 1.0 - 1e-13], [1.0 - 1e-13, 1.0]])
    assert np.isnan(joint_test(np.array([1.0, 1.1]), near, 30).f_statistic)
    apart = np.array([[1.0, 0.9], [0.9, 1.0]])
    closed = (1.0 + 1.21 - 2 * 0.9 * 1.1) / (1 - 0.81) / 2
    assert joint_test(np.array([1.0, 1.1]), apart, 30).f_statistic == pytest.approx(closed)
