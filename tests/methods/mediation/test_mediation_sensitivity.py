"""Sensitivity of the indirect effect to correlated errors, and bias-corrected intervals."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from analysis.methods.mediation.numbers import bias_corrected, fit_mediation
from analysis.methods.mediation.sensitivity import RHO_GRID, indirect_at, sensitivity, vanishing

EXACT = 1e-9
"""Moments of the data are made exact; what is left is rounding of least squares."""


def data_of(
    rho: float, a: float = 0.7, b: float = 1.3, n: int = 400, seed: int = 0
) -> pd.DataFrame:
    """A mediation whose errors have exactly the correlation rho, and no other moment in the sample."""
    rng = np.random.default_rng(seed)
    d = (np.arange(n) % 2).astype(float)
    drawn = np.column_stack([np.ones(n), d, rng.normal(size=(n, 2))])
    basis = np.linalg.qr(drawn)[0][:, 2:] * np.sqrt(n)
    u = 0.8 * basis[:, 0]
    v = 1.7 * (rho * basis[:, 0] + np.sqrt(1 - rho**2) * basis[:, 1])
    m = 0.5 + a * d + u
    return pd.DataFrame({"d": d, "m": m, "y": 2.0 - 0.4 * d + b * m + v})


def fitted(data: pd.DataFrame, n_draws: int = 300):
    n = len(data)
    return fit_mediation(
        data.y, data.m, data.d, np.empty((n, 0)), np.arange(n), np.zeros(n), n_draws=n_draws, seed=3,
    )  # fmt: skip


@given(
    rho=st.sampled_from([rho for rho in RHO_GRID if rho]), a=st.floats(-2, 2), b=st.floats(-2, 2)
)
def test_the_true_correlation_gives_the_true_indirect_effect(
    rho: float, a: float, b: float
) -> None:
    """Brute force: data with confounded errors; regression is wrong, and right at the true rho."""
    found = fitted(data_of(rho, a, b, n=60), n_draws=100).sensitivity
    assert found is not None
    at = dict(zip(found.rho, found.indirect, strict=True))
    assert at[rho] == pytest.approx(a * b, abs=EXACT)
    assert at[0.0] != pytest.approx(a * b, abs=EXACT) or abs(a) < EXACT


def test_their_equation_with_its_own_terms() -> None:
    """ACME(rho) of Imai, Keele and Yamamoto (2010), from residuals of the total and the first equation."""
    data = data_of(0.3)
    found = fitted(data)
    x = np.column_stack([np.ones(len(data)), data.d])
    total, first = (
        each - x @ np.linalg.lstsq(x, each, rcond=None)[0]
        for each in (data.y.to_numpy(), data.m.to_numpy())
    )
    sigma_1, sigma_2 = total.std(), first.std()
    correlation = np.corrcoef(total, first)[0, 1]
    rho = np.array(RHO_GRID)
    theirs = (
        found.paths[0].a * sigma_1 / sigma_2
        * (correlation - rho * np.sqrt((1 - correlation**2) / (1 - rho**2)))
    )  # fmt: skip
    assert found.sensitivity is not None
    np.testing.assert_allclose(found.sensitivity.indirect, theirs, atol=EXACT)
    assert found.sensitivity.rho_zero == pytest.approx(correlation, abs=EXACT)
    assert found.sensitivity.r2_zero == pytest.approx(correlation**2, abs=EXACT)


def test_intervals_are_percentiles_of_a_plain_loop() -> None:
    data = data_of(0.2, n=80)
    found = fitted(data)
    rng = np.random.default_rng(3)
    curves, zeros = [], []
    picked = rng.integers(0, len(data), size=(250, len(data)))
    picked = np.concatenate([picked, rng.integers(0, len(data), size=(50, len(data)))])
    for rows in picked:
        drawn = data.iloc[rows]
        x = np.column_stack([np.ones(len(drawn)), drawn.d])
        a, u = _slopes(x, drawn.m)
        b, v = _slopes(np.column_stack([x, drawn.m]), drawn.y)
        spread = np.array([np.linalg.norm(v) / np.linalg.norm(u)])
        curves.append(indirect_at(np.array(RHO_GRID), a[1:2], b[2:3], spread)[0])
        zeros.append(vanishing(b[2:3], spread)[0])
    assert found.sensitivity is not None
    low, high = np.quantile(np.array(curves), [0.025, 0.975], axis=0)
    np.testing.assert_allclose(found.sensitivity.ci_low, low, atol=EXACT)
    np.testing.assert_allclose(found.sensitivity.ci_high, high, atol=EXACT)
    ends = np.quantile(zeros, [0.025, 0.975])
    assert found.sensitivity.rho_zero_low == pytest.approx(ends[0], abs=EXACT)
    assert found.sensitivity.rho_zero_high == pytest.approx(ends[1], abs=EXACT)


def _slopes(x, y):
    y = np.asarray(y)
    b = np.linalg.lstsq(x, y, rcond=None)[0]
    return b, y - x @ b


def test_several_mediators_have_none(shared_dir) -> None:
    """The formula is that of one mediator; of several held together it isn't told."""
    data = data_of(0.0)
    both = np.column_stack([data.m, np.random.default_rng(1).normal(size=len(data))])
    n = len(data)
    found = fit_mediation(
        data.y, both, data.d, np.empty((n, 0)), np.arange(n), np.zeros(n), n_draws=100, seed=1
    )
    assert found.sensitivity is None


def test_a_normal_bootstrap_has_a_closed_form() -> None:
    """Draws N(m, 1), estimate e: the bias-corrected ends are m + 2 (e - m) -+ 1.96."""
    grid = (np.arange(200_000) + 0.5) / 200_000
    draws = 0.4 + stats.norm.ppf(grid)
    low, high = bias_corrected(draws, 0.6, 0.95)
    reach = stats.norm.ppf(0.975)
    assert low == pytest.approx(0.4 + 2 * 0.2 - reach, abs=1e-4)  # the grid's step at the ends
    assert high == pytest.approx(0.4 + 2 * 0.2 + reach, abs=1e-4)


def test_unbiased_draws_have_the_percentile_interval() -> None:
    draws = np.arange(-50.0, 51.0)
    assert bias_corrected(draws, 0.0, 0.9) == pytest.approx(tuple(np.quantile(draws, [0.05, 0.95])))


def test_an_estimate_beyond_all_draws_is_still_an_interval() -> None:
    low, high = bias_corrected(np.arange(100.0), 1e6, 0.95)
    assert 0 <= low <= high <= 99


def test_curve_of_given_paths() -> None:
    draws = tuple(np.full(10, number) for number in (0.5, 0.4, 2.0))
    found = sensitivity((0.5, 0.4, 2.0), draws, 0.95)
    np.testing.assert_allclose(found.indirect, found.ci_low)
    assert found.rho_zero == pytest.approx(0.4 / np.hypot(0.4, 2.0))
