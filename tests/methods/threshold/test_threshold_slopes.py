"""Slopes and errors by regime against statsmodels on dummies."""

import dataclasses

import numpy as np
import pytest
import statsmodels.api as sm
from threshold_helpers import panel_of, simulate

from analysis.methods.threshold.numbers import estimate_slopes, prepare_panel
from analysis.methods.threshold.numbers.slopes import fit_columns
from analysis.regression import fit_panel

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


@pytest.mark.parametrize("convention", ["hansen", "xthreg"])
def test_what_a_regime_s_slope_rests_on(convention):
    """Treated units by regime by counting; the weights make the coefficients of the outcome."""
    data = simulate(60, 8, seed=4, treatment=True, unbalanced=True)
    panel = panel_of(data, convention=convention, year_effects=True, cluster=data["unit"] // 2)
    slopes = estimate_slopes(panel, (0.0,))
    assert len(slopes.support) == len(slopes.term) == 3
    below = panel.q <= 0 if convention == "xthreg" else panel.q < 0
    for k, inside in ((1, below), (2, ~below)):
        rows = inside & (panel.x[:, 0] != 0)
        support = slopes.support[k]
        assert support.is_indicator
        assert support.n_active_units == len(np.unique(panel.unit[rows]))
        assert support.n_active_clusters == len(np.unique(panel.unit[rows] // 2))
        assert 1 < support.effective_clusters < panel.n_clusters
        assert support.n_weights == rows.sum()
    columns = np.column_stack([panel.z[:, :1], panel.x * below[:, None], panel.x * ~below[:, None]])
    weights = fit_columns(panel, columns).weights
    assert weights.T @ panel.y == pytest.approx(slopes.coefficient, rel=SAME)


def test_the_linear_model_rests_on_what_the_table_s_column_does():
    data = simulate(30, 8, seed=4, treatment=True)
    panel = panel_of(data, convention="xthreg", year_effects=True)
    table = fit_panel(
        data["y"], np.column_stack([data["x"], data["z"]]), data["unit"], data["time"],
        effects=("unit", "time"), names=("x", "z"),
    ).support[0]  # fmt: skip
    own = estimate_slopes(panel, ()).support[1]
    assert own.effective_clusters == pytest.approx(table.effective_clusters, rel=SAME)
    assert own.negative_weight_sum == pytest.approx(table.negative_weight_sum, rel=SAME)
    assert dataclasses.replace(
        own, effective_clusters=0.0, negative_weight_sum=0.0
    ) == dataclasses.replace(table, effective_clusters=0.0, negative_weight_sum=0.0)
