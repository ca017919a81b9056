"""Slopes and errors by regime against statsmodels on dummies."""

import numpy as np
import pytest
import statsmodels.api as sm
from threshold_helpers import panel_of, simulate

from analysis.methods.threshold.numbers import estimate_slopes, prepare_panel

SAME = 1e-8  # two exact routes to the same regression


@pytest.mark.parametrize("unbalanced", [False, True])
@pytest.mark.parametrize("year_effects", [False, True])
def test_against_dummies(unbalanced, year_effects):
    data = simulate(25, 7, seed=3, slopes=(0, 1, 2), thresholds=(-0.4, 0.5), unbalanced=unbalanced)
    panel = panel_of(data, convention="xthreg", year_effects=year_effects)
    fit = estimate_slopes(panel, (0.5, -0.4), x_names=["did"])
    regime = np.searchsorted([-0.4, 0.5], panel.q, side="left")
    x = np.column_stack([panel.z[:, :1], *[panel.x[:, 0] * (regime == r) for r in range(3)]])
    units = (panel.unit_code[:, None] == np.arange(panel.n_units)).astype(float)
    years = (panel.time[:, None] == np.unique(panel.time)[1:]).astype(float)
    design = np.column_stack([x, units, years if year_effects else np.empty((panel.n_obs, 0))])
    ols = sm.OLS(panel.y, design).fit()
    assert fit.coefficient == pytest.approx(ols.params[:4], rel=SAME)
    assert fit.se_conventional == pytest.approx(ols.bse[:4], rel=SAME)
    assert fit.dof == ols.df_resid
    assert fit.se_robust == pytest.approx(ols.get_robustcov_results("HC0").bse[:4], rel=SAME)
    cluster = ols.get_robustcov_results(
        "cluster", groups=panel.unit_code, use_correction=False
    ).bse[:4]
    n, units_n = panel.n_obs, panel.n_units
    k = 4 + year_effects * (len(np.unique(panel.time)) - 1) + 1
    factor = units_n / (units_n - 1) * (n - 1) / (n - k)
    assert fit.se_cluster == pytest.approx(cluster * np.sqrt(factor), rel=SAME)
    assert fit.term == ("z0", "did:regime0", "did:regime1", "did:regime2")
    assert fit.n_obs.tolist() == np.bincount(regime).tolist()
    assert fit.thresholds == (-0.4, 0.5)


def test_regime_intercepts():
    data = simulate(25, 7, seed=3)
    panel = panel_of(data, convention="xthreg", regime_intercept=True)
    fit = estimate_slopes(panel, (0.0,))
    high = panel.q > 0
    units = (panel.unit_code[:, None] == np.arange(panel.n_units)).astype(float)
    x = panel.x[:, 0]
    ols = sm.OLS(
        panel.y, np.column_stack([panel.z[:, 0], x * ~high, x * high, high.astype(float), units])
    ).fit()
    assert fit.coefficient == pytest.approx(ols.params[:4], rel=SAME)
    assert fit.term[-1] == "constant:regime1"


def test_spanned_control_is_nan_and_harmless():
    data = simulate(20, 6, seed=1)
    z = np.column_stack([data["z"][:, 0], 2 * data["z"][:, 0] + data["unit"]])
    panel = prepare_panel(data["y"], data["x"], data["q"], data["unit"], data["time"], controls=z)
    fit, plain = estimate_slopes(panel, (0.0,)), estimate_slopes(panel_of(data), (0.0,))
    assert np.isnan(fit.coefficient[1])
    assert fit.coefficient[[0, 2, 3]] == pytest.approx(plain.coefficient, rel=SAME)
    assert fit.se_cluster[2:] == pytest.approx(plain.se_cluster[1:], rel=SAME)


def test_row_at_the_threshold():
    """q equal to the threshold: the lower regime under "<=", the upper under "<"."""
    data = simulate(20, 6, seed=1)
    at = float(np.sort(data["q"])[60])
    counts = {
        rule: estimate_slopes(panel_of(data, lower_regime=rule), (at,)).n_obs[0]
        for rule in ("<=", "<")
    }
    assert counts["<="] - counts["<"] == (data["q"] == at).sum() > 0
