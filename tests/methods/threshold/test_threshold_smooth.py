"""PSTR: tests against dummy regressions, estimates against a truth and the sharp limit."""

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.stats import chi2
from scipy.stats import f as f_distribution
from threshold_helpers import panel_of, simulate

from analysis.methods.threshold.numbers import (
    Grid,
    fit_smooth_transition,
    linearity_test,
    prepare_kink_panel,
    search_thresholds,
)
from analysis.methods.threshold.numbers.smooth import transition

SAME = 1e-8


def smooth_data(seed, speed=3.0, location=0.3, n_units=80, n_times=10):
    data = simulate(n_units, n_times, seed=seed, slopes=(0.5, 0.5), sd=0.5)
    g = transition(data["q"], speed, np.array([location]), float(data["q"].std()))
    return {**data, "y": data["y"] + 2.0 * g * data["x"]}


@pytest.mark.parametrize("unbalanced", [False, True])
def test_linearity_against_dummies(unbalanced):
    data = simulate(25, 7, seed=3, slopes=(0, 0.6), unbalanced=unbalanced)
    panel = panel_of(data, convention="xthreg")
    got = linearity_test(panel, order=3)
    units = (panel.unit_code[:, None] == np.arange(panel.n_units)).astype(float)
    base = np.column_stack([panel.z[:, 0], panel.x[:, 0], units])
    extra = panel.x[:, :1] * panel.q[:, None] ** np.arange(1, 4)
    ssr = [sm.OLS(panel.y, np.column_stack([base, extra[:, :j]])).fit().ssr for j in range(4)]
    n, dof = panel.n_obs, panel.n_obs - panel.n_units - 2 - 3
    lm = n * (ssr[0] - ssr[3]) / ssr[0]
    assert got.lm == pytest.approx(lm, rel=SAME)
    assert got.lm_p == pytest.approx(chi2.sf(lm, 3), rel=1e-6)
    assert got.lm_f == pytest.approx((ssr[0] - ssr[3]) / 3 / (ssr[0] / dof), rel=SAME)
    for i, j in enumerate((3, 2, 1)):
        free = n - panel.n_units - 2 - j
        step = (ssr[j - 1] - ssr[j]) / (ssr[j - 1] / free)
        assert got.sequence_p[i] == pytest.approx(f_distribution.sf(step, 1, free), rel=1e-6)


def test_estimates_recover_the_truth():
    panel = panel_of(smooth_data(1), convention="xthreg")
    assert linearity_test(panel).lm_cluster_p < 1e-6
    fit = fit_smooth_transition(panel)
    assert fit.converged
    assert not fit.at_bound
    for value, error, truth in (
        (fit.slope_low[0], fit.se_slope_low[0], 0.5),
        (fit.change[0], fit.se_change[0], 2.0),
        (fit.location[0], fit.se_location[0], 0.3),
        (fit.speed, fit.se_speed, 3.0),
    ):
        assert abs(value - truth) < 4 * error
        assert error < 1
    assert fit.ssr < search_thresholds(panel, 1, Grid("all", trim=0.02)).models[0].ssr


def test_sharp_truth_drives_the_speed_up():
    """On sharp data PSTR comes close to the sharp fit, and says that few rows lie between."""
    panel = panel_of(simulate(60, 10, seed=4, slopes=(0, 3), sd=0.3), convention="xthreg")
    sharp = search_thresholds(panel, 1, Grid("all", trim=0.05)).models[0]
    fit = fit_smooth_transition(panel)
    # All but one per cent of what the sharp model explains.
    assert fit.ssr - sharp.ssr < 0.01 * (fit.ssr_linear - sharp.ssr)
    assert fit.location[0] == pytest.approx(sharp.thresholds[0], abs=0.05)
    assert fit.share_between < 0.1


def test_two_locations():
    data = simulate(80, 10, seed=6, slopes=(0.5, 0.5), sd=0.4)
    sd = float(data["q"].std())
    g = transition(data["q"], 3.0, np.array([-0.7, 0.8]), sd)
    panel = panel_of({**data, "y": data["y"] + 2.0 * g * data["x"]}, convention="xthreg")
    one, two = fit_smooth_transition(panel), fit_smooth_transition(panel, 2)
    assert two.ssr < one.ssr
    assert two.location == pytest.approx((-0.7, 0.8), abs=0.25)
    p3, p2, p1 = linearity_test(panel).sequence_p
    assert p2 < min(p1, p3)


def test_kink_panel_is_refused():
    data = simulate(10, 5)
    panel = prepare_kink_panel(data["y"], data["x"], data["q"], data["unit"], data["time"])
    with pytest.raises(ValueError, match="prepare_panel"):
        linearity_test(panel)
