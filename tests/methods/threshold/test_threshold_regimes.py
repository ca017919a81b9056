"""Regime membership, counts, lagged and frozen threshold variables, response to treatment."""

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.stats import t as t_distribution
from threshold_helpers import panel_of, simulate

from analysis.methods.threshold.numbers import (
    Grid,
    frozen_before,
    lagged,
    plot_likelihood_ratio,
    regime_counts,
    regime_membership,
    search_thresholds,
    threshold_response,
)

SAME = 1e-8  # two exact routes to the same regression


def test_membership_and_changes():
    frame = regime_membership(
        ["b", "a", "a", "a", "b"],
        [2001, 2002, 2000, 2001, 2000],
        [1.5, np.nan, 0.1, 0.9, 2.5],
        (2.0, 0.5),
    )
    assert frame["unit"].tolist() == ["a", "a", "b", "b"]
    assert frame["time"].tolist() == [2000, 2001, 2000, 2001]
    assert frame["regime"].tolist() == [0, 1, 2, 1]
    assert frame["previous_regime"].isna().tolist() == [True, False, True, False]
    assert frame["changed"].tolist() == [False, True, False, True]
    on = regime_membership(["a"], [2000], [0.5], (0.5,))["regime"].tolist()
    above = regime_membership(["a"], [2000], [0.5], (0.5,), lower_regime="<")["regime"].tolist()
    assert (on, above) == ([0], [1])


def test_counts_have_every_cell():
    data = simulate(30, 6, seed=2)
    frame = regime_membership(data["unit"], data["time"], data["q"], (-0.5, 0.5))
    counts = regime_counts(frame, active=frame["unit"] < 10)
    assert len(counts) == 3 * 6
    assert counts["n_obs"].sum() == 180
    assert counts["n_active"].sum() == 60
    assert counts["n_entered"].sum() == frame["changed"].sum() > 0
    one = counts[(counts["regime"] == 1) & (counts["time"] == 2003)].iloc[0]
    here = frame[(frame["regime"] == 1) & (frame["time"] == 2003)]
    assert (one["n_obs"], one["n_units"]) == (len(here), here["unit"].nunique())


def test_lag_needs_the_very_year():
    unit = ["a", "a", "a", "b", "b", "a"]
    time = np.array([2003, 2000, 2001, 2001, 2002, 2005])
    got = lagged([3.0, 0.0, 1.0, 10.0, 11.0, 5.0], unit, time)
    assert np.array_equal(got, [np.nan, np.nan, 0.0, np.nan, 10.0, np.nan], equal_nan=True)
    got = lagged([3.0, 0.0, 1.0, 10.0, 11.0, 5.0], unit, time, periods=2)
    assert np.array_equal(got, [1.0, np.nan, np.nan, np.nan, np.nan, 3.0], equal_nan=True)
    with pytest.raises(ValueError, match="more than one row"):
        lagged([1.0, 2.0], ["a", "a"], np.array([2000, 2000]))
    with pytest.raises(ValueError, match="whole years"):
        lagged([1.0], ["a"], np.array([2000.5]))


def test_frozen_before_treatment():
    unit = ["a"] * 4 + ["b"] * 3 + ["c"] * 2
    time = [2003, 2000, 2001, 2002, 2000, 2001, 2002, 2000, 2001]
    treated = [1, 0, 0, 1, 0, 0, 0, 1, 1]
    got = frozen_before([9.0, 1, 2, 3, 4, 5, 6, 7, 8], unit, time, treated)
    assert np.array_equal(got, [2, 1, 2, 2, 4, 5, 6, np.nan, np.nan], equal_nan=True)


def test_response_is_the_two_way_regression():
    """Effects and clustered errors against dummies in statsmodels."""
    data = simulate(60, 8, seed=5, treatment=True)
    q = data["q"] + 0.8 * data["x"]
    got = threshold_response(
        q, data["x"], data["unit"], data["time"], controls=data["z"], thresholds=(0.4,)
    )
    design = np.column_stack(
        [
            data["x"],
            data["z"],
            data["unit"][:, None] == np.arange(60),
            data["time"][:, None] == np.arange(2001, 2008),
        ]
    ).astype(float)
    n, k = 480, 2 + 7 + 1
    factor = np.sqrt(60 / 59 * (n - 1) / (n - k))
    for i, outcome in enumerate((q, (q > 0.4).astype(float))):
        fit = sm.OLS(outcome, design).fit()
        raw = fit.get_robustcov_results("cluster", groups=data["unit"], use_correction=False)
        assert got.effect[i] == pytest.approx(fit.params[0], rel=SAME)
        assert got.se_cluster[i] == pytest.approx(raw.bse[0] * factor, rel=SAME)
        t = got.effect[i] / got.se_cluster[i]
        assert got.p_value[i] == pytest.approx(2 * t_distribution.sf(abs(t), 59), rel=SAME)
    assert got.outcome == ("q", "q > 0.4")
    assert got.responds
    assert "q > 0.4" in got.warning()


def test_alarms_without_response_are_rare():
    """About 5 % of samples; more than 9 of 60 would happen once in 3,000 times."""
    alarms = 0
    for seed in range(60):
        data = simulate(50, 8, seed=seed, treatment=True)
        got = threshold_response(data["q"], data["x"], data["unit"], data["time"])
        assert (got.warning() is None) == (not got.responds)
        alarms += got.responds
    assert alarms <= 9


def test_lr_plot_shows_the_set():
    search = search_thresholds(panel_of(simulate(40, 8, seed=2)), 2, Grid("all", trim=0.05))
    interval = search.models[1].intervals[0]
    figure = plot_likelihood_ratio(interval, variable="q")
    axes = figure.axes[0]
    assert np.array_equal(axes.lines[0].get_ydata(), interval.lr)
    assert len(axes.lines[1].get_xdata()) == interval.inside.sum()
    assert axes.get_xlabel() == "q"
