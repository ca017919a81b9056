"""Tests of linearity: against dummy regressions, and on smooth transitions with one and two places."""

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.special import expit
from scipy.stats import chi2
from scipy.stats import f as f_distribution
from threshold_helpers import panel_of, simulate

from analysis.methods.threshold.numbers import linearity_test

SAME = 1e-8


def smooth_panel(locations, seed, sd):
    """80 units, 10 years; the slope of x goes from 0.5 to 2.5 as a logistic function of q, speed 3."""
    data = simulate(80, 10, seed=seed, slopes=(0.5, 0.5), sd=sd)
    gaps = (data["q"][:, None] - np.array(locations)) / data["q"].std()
    g = expit(3.0 * np.prod(gaps, axis=1))
    return panel_of({**data, "y": data["y"] + 2.0 * g * data["x"]}, convention="xthreg")


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


def test_a_smooth_transition_is_no_straight_line():
    assert linearity_test(smooth_panel([0.3], seed=1, sd=0.5)).lm_cluster_p < 1e-6


def test_two_locations_speak_by_the_second_power():
    p3, p2, p1 = linearity_test(smooth_panel([-0.7, 0.8], seed=6, sd=0.4)).sequence_p
    assert p2 < min(p1, p3)
