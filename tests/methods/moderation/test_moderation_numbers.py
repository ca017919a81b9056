"""Moderated effects against statsmodels on dummies written out, closed forms, and the truth of simulations."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats

from analysis.methods.moderation.numbers import (
    Inputs,
    bin_of,
    common_support,
    fit_bins,
    fit_line,
    histogram,
    quantile_cuts,
)
from analysis.regression.panel import PanelRegressionError

DUMMIES = 1e-7  # dummies of every city and year in one large least squares, another order of sums
EXACT = 1e-12
SIMULATED = 4  # standard errors of a simulated share or mean that a test of it allows
SLOPE, LEVEL = 0.8, 1.5


def panel(seed=0, n=40, years=8, curve=lambda m: LEVEL + SLOPE * m, constant=True):
    """Cities by year; half begin in the middle, and cities also grow apart by the moderator."""
    rng = np.random.default_rng(seed)
    unit, time = np.repeat(np.arange(n), years), np.tile(np.arange(years), n)
    m = rng.normal(size=n)[unit] if constant else rng.normal(size=n * years)
    d = ((unit % 2 == 0) & (time >= years // 2)).astype(float)
    y = curve(m) * d + 0.1 * m * time + rng.normal(size=n)[unit] + 0.5 * rng.normal(size=n * years)
    return y, d, m, unit, time


def inputs(y, d, m, unit, time, levels=False, year_slopes=True, x=None):
    x = np.empty((len(y), 0)) if x is None else x
    names = tuple(f"x{k}" for k in range(x.shape[1]))
    return Inputs(y, d, m, x, unit, time, unit, ("unit", "time"), names, levels, year_slopes)


def dummies(unit, time):
    return pd.get_dummies(pd.DataFrame({"u": unit.astype(str), "t": time.astype(str)}),
                          drop_first=True).to_numpy(float)  # fmt: skip


def written_out(y, own, unit, time):
    """statsmodels on the terms `own` (n, k), a constant and all dummies: slopes and clustered covariance."""
    x = np.column_stack([own, np.ones(len(y)), dummies(unit, time)])
    fit = sm.OLS(y, x).fit(cov_type="cluster", cov_kwds={"groups": unit})
    k = own.shape[1]
    # Its factor counts the effects of units, which clusters of units hold in.
    n, all_, nested = len(y), x.shape[1], len(np.unique(unit)) - 1
    return fit.params[:k], fit.cov_params()[:k, :k] * (n - all_) / (n - all_ + nested)


@pytest.mark.parametrize("constant", [True, False])
def test_the_line_is_that_of_dummies_written_out(constant):
    y, d, m, unit, time = panel(constant=constant)
    grid = np.linspace(-1, 1, 5)
    found = fit_line(inputs(y, d, m, unit, time, levels=not constant), grid, 1)
    c = m - m.mean()
    own = [d, d * c, *([] if constant else [c]), *((time == t) * c for t in range(1, 8))]
    params, covariance = written_out(y, np.column_stack(own), unit, time)
    weights = np.column_stack([np.ones(5), grid - m.mean()])
    error = np.sqrt(np.diag(weights @ covariance[:2, :2] @ weights.T))
    curve = found.made.curve
    np.testing.assert_allclose(curve.estimates, weights @ params[:2], rtol=DUMMIES)
    np.testing.assert_allclose(curve.std_errors, error, rtol=DUMMIES)
    reach = stats.t.ppf(0.975, found.made.fit.df_resid) * error
    np.testing.assert_allclose(curve.high - curve.estimates, reach, rtol=DUMMIES)


@pytest.mark.parametrize("constant", [True, False])
def test_bins_and_the_test_of_the_line_are_those_of_dummies_written_out(constant):
    y, d, m, unit, time = panel(1, curve=lambda m: m**2, constant=constant)
    cuts = quantile_cuts(m, 3)
    found = fit_bins(inputs(y, d, m, unit, time, levels=not constant), cuts, 1)
    code = bin_of(m, cuts)
    years = [(time == t) * (m - m.mean()) for t in range(1, 8)]
    level = [] if constant else [m, code == 1, code == 2, m * (code == 1), m * (code == 2)]
    # The same model, written as a line and what the second and third bin add to it.
    own = [d, d * m, d * (code == 1), d * (code == 2), d * m * (code == 1), d * m * (code == 2)]
    params, covariance = written_out(y, np.column_stack([*own, *level, *years]), unit, time)
    rest = slice(2, 6)
    wald = params[rest] @ np.linalg.solve(covariance[rest, rest], params[rest]) / 4
    assert found.linear.f_statistic == pytest.approx(wald, rel=DUMMIES)
    assert (found.linear.df_test, found.linear.df_resid) == (4, 39)
    for j in range(3):
        median = np.median(m[code == j])
        at = params[0] + params[1] * median
        at += (params[1 + j] + params[3 + j] * median) if j else 0.0
        assert found.made.curve.at[j] == median
        assert found.made.curve.estimates[j] == pytest.approx(at, rel=DUMMIES)


def test_one_year_before_and_one_after_is_a_regression_of_changes():
    """With two periods the line is that of each city's change on treatment, moderator and their product."""
    y, d, m, unit, time = panel(2, years=2)
    change = y[time == 1] - y[time == 0]
    treated, at = d[time == 1], m[time == 1] - m.mean()
    x = np.column_stack([treated, treated * at, np.ones(len(at)), at])
    b = np.linalg.lstsq(x, change, rcond=None)[0]
    found = fit_line(inputs(y, d, m, unit, time), np.array([m.mean(), m.mean() + 1]), 1)
    np.testing.assert_allclose(found.made.curve.estimates, [b[0], b[0] + b[1]], rtol=DUMMIES)


def test_effects_do_not_follow_the_moderators_unit_or_origin():
    y, d, m, unit, time = panel(3)
    one = fit_line(inputs(y, d, m, unit, time), np.linspace(-1, 1, 7), 1)
    other = fit_line(inputs(y, d, 1e4 * m + 50, unit, time), 1e4 * np.linspace(-1, 1, 7) + 50, 1)
    for name in ("estimates", "std_errors", "band_low", "band_high"):
        np.testing.assert_allclose(
            getattr(other.made.curve, name), getattr(one.made.curve, name), rtol=1e-8
        )


def test_the_band_of_a_line_is_wider_than_an_interval_and_narrower_than_scheffes():
    y, d, m, unit, time = panel(4)
    found = fit_line(inputs(y, d, m, unit, time), np.linspace(-2, 2, 41), 1)
    band, df = found.made.curve.band, found.made.fit.df_resid
    assert band.pointwise < band.critical < np.sqrt(2 * stats.f.ppf(0.95, 2, df))


def test_support_bins_and_counts():
    treated, others = np.array([0.0, 1, 2, 3, 9]), np.array([0.5, 4.0])
    assert common_support(treated, others, 0.0) == (0.5, 4.0, 2)
    with pytest.raises(PanelRegressionError, match="no range of the moderator in common"):
        common_support(np.array([5.0, 6.0]), others, 0.0)
    cuts = quantile_cuts(np.arange(9.0), 3)
    assert cuts.tolist() == [0, 2, 5, 8]
    assert bin_of(np.arange(9.0), cuts).tolist() == [0, 0, 0, 1, 1, 1, 2, 2, 2]
    with pytest.raises(PanelRegressionError, match="3 bins of the moderator with as many rows"):
        quantile_cuts(np.array([0.0, 0, 0, 0, 1]), 3)
    _, y, d, m = None, None, np.array([1.0, 0, 0]), np.array([0.0, 0.0, 1.0])
    ends, under, without = histogram(m, d)
    assert (ends[0], ends[-1], under.sum(), without[0], without[-1]) == (
        0,
        1,
        1,
        1,
        1,
    ) and y is None


def test_what_can_not_be_told_is_named():
    y, d, m, unit, time = panel(5)
    with pytest.raises(PanelRegressionError, match=r"bin 3 .* has no row with the policy"):
        fit_bins(inputs(y, d * (m < np.quantile(m, 0.6)), m, unit, time), quantile_cuts(m, 3), 1)
    with pytest.raises(PanelRegressionError, match="slope of the effect can't be told"):
        fit_line(inputs(y, d, np.where(unit % 2 == 0, 1.0, m), unit, time), np.array([0.0, 1.0]), 1)


@pytest.mark.verify
def test_size_and_coverage():
    """Of 500 samples: the test of a true line, the band over it, the interval at the mean; and without slopes
    of years the growth by the moderator is taken for the policy's."""
    n, rejected, covered, held, naive = 500, 0, 0, 0, []
    for seed in range(n):
        y, d, m, unit, time = panel(seed, n=100)
        grid = np.linspace(*np.quantile(m, [0.05, 0.95]), 21)
        given = inputs(y, d, m, unit, time)
        curve = fit_line(given, grid, 1).made.curve
        truth = LEVEL + SLOPE * grid
        covered += bool(((curve.band_low <= truth) & (truth <= curve.band_high)).all())
        held += bool(curve.low[10] <= truth[10] <= curve.high[10])
        rejected += fit_bins(given, quantile_cuts(m, 3), seed, 199).wild.p_value < 0.05
        plain = fit_line(inputs(y, d, m, unit, time, year_slopes=False), grid, 1)
        naive.append(plain.made.fit.coefficients[plain.made.fit.position("slope of the effect")])
    noise = SIMULATED * np.sqrt(0.05 * 0.95 / n)
    assert abs(rejected / n - 0.05) < noise
    assert abs(covered / n - 0.95) < noise + 0.02
    assert abs(held / n - 0.95) < noise + 0.02
    assert np.mean(naive) > SLOPE + 0.1
