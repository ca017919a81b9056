"""Stored results of dineq, REAT and mathmodels, hand-worked numbers, and statsmodels."""

import numpy as np
import pandas as pd
import pytest

from analysis.measures.inequality import (
    beta_convergence,
    dagum,
    gini,
    panel_beta_convergence,
    sigma_convergence,
    theil,
)

STORED = 1e-9  # ten decimals
PRINTED = 5e-8  # seven decimals
EXACT = 1e-12
STATSMODELS = 1e-9  # two ways through the same least squares


@pytest.fixture(scope="module")
def reference(shared_dir):
    return shared_dir / "reference"


@pytest.mark.real
def test_dagum_of_mexican_incomes_by_education(reference):
    data = pd.read_csv(reference / "dineq_mex_inc_2008.csv")
    # The stored numbers are those of the unweighted data; with the weights the Gini is .47423.
    parts = dagum(data["income"], data["education"])
    assert (parts.within, parts.net_between, parts.transvariation) == pytest.approx(
        (0.0558072794, 0.2618447642, 0.1576269379), abs=STORED
    )
    assert parts.total == pytest.approx(gini(data["income"]), abs=EXACT)
    weighted = dagum(data["income"], data["education"], data["factor"])
    assert weighted.total == pytest.approx(gini(data["income"], data["factor"]), abs=EXACT)


@pytest.mark.real
def test_convergence_of_german_counties_2010_to_2012(reference):
    data = pd.read_csv(reference / "reat_G_counties_gdp.csv")
    fit = beta_convergence(data["gdppc2010"], data["gdppc2012"], 2, covariance="conventional")
    assert fit.beta == pytest.approx(-0.0104235, abs=PRINTED)
    assert fit.std_errors[0] == pytest.approx(0.0028245, abs=PRINTED)
    assert fit.r2 == pytest.approx(0.032925, abs=5e-7)
    spread = sigma_convergence(
        np.r_[data["gdppc2010"], data["gdppc2012"]], np.repeat([2010, 2012], len(data))
    )
    assert spread.cv_log == pytest.approx([0.034161, 0.033449], abs=5e-7)
    assert np.isnan(spread.trend)  # two periods have no trend to test


def test_gini_and_theil_by_hand():
    # 1, 3: mean 2, mean absolute difference 1, Gini 1/4.
    assert gini([1.0, 3.0]) == pytest.approx(0.25, abs=EXACT)
    # All of it with one of n: (n - 1)/n.
    assert gini([0, 0, 0, 7.0]) == pytest.approx(0.75, abs=EXACT)
    want = (0.5 * np.log(0.5) + 1.5 * np.log(1.5)) / 2
    assert theil([1.0, 3.0]).total == pytest.approx(want, abs=EXACT)
    want = (np.log(2) + np.log(2 / 3)) / 2
    assert theil([1.0, 3.0], index="L").total == pytest.approx(want, abs=EXACT)
    # A lognormal sample at its quantiles has Gini 2 Phi(s / sqrt 2) - 1, T = L = s^2 / 2.
    from scipy.stats import norm

    s, n = 0.5, 200_001
    x = np.exp(s * norm.ppf((np.arange(n) + 0.5) / n))
    assert gini(x) == pytest.approx(2 * norm.cdf(s / np.sqrt(2)) - 1, abs=1e-5)
    assert theil(x).total == pytest.approx(s**2 / 2, abs=1e-4)
    assert theil(x, index="L").total == pytest.approx(s**2 / 2, abs=1e-4)


def test_dagum_by_hand():
    # a: 1, 3; b: 2, 6. Total 12, Gini (sum of |differences|, all ordered pairs: 32)/(2 n total).
    parts = dagum([1.0, 3, 2, 6], ["a", "a", "b", "b"])
    assert parts.total == pytest.approx(32 / 96, abs=EXACT)
    # Inside a: 2, inside b: 4 -> 12 of the 32.
    assert parts.within == pytest.approx(12 / 96, abs=EXACT)
    # b over a: 1 + 5 + 3 = 9, a over b: 1; D = (9 - 1)/10.
    assert parts.affluence[0, 1] == pytest.approx(0.8, abs=EXACT)
    assert parts.net_between == pytest.approx(20 / 96 * 0.8, abs=EXACT)
    assert parts.transvariation == pytest.approx(20 / 96 * 0.2, abs=EXACT)
    assert parts.group_gini == pytest.approx([1 / 4, 1 / 4], abs=EXACT)
    # Mean difference 10/4 over the sum of means 2 + 4.
    assert parts.between_gini[0, 1] == pytest.approx(2.5 / 6, abs=EXACT)


@pytest.mark.parametrize("covariance", ["conventional", "hc1"])
def test_conditional_beta_is_that_of_statsmodels(covariance):
    import statsmodels.api as sm

    rng = np.random.default_rng(1)
    start = np.exp(rng.normal(10, 0.6, 120))
    z = np.column_stack([rng.normal(size=120), 1e6 * rng.random(120)])
    end = start * np.exp(
        5 * (0.3 - 0.02 * np.log(start) + 0.01 * z[:, 0] + rng.normal(0, 0.02, 120))
    )
    fit = beta_convergence(start, end, 5, z, control_names=("a", "b"), covariance=covariance)
    design = np.column_stack([np.log(start), z, np.ones(120)])
    model = sm.OLS(np.log(end / start) / 5, design)
    want = model.fit() if covariance == "conventional" else model.fit(cov_type="HC1", use_t=True)
    assert fit.names == ("initial", "a", "b", "constant")
    assert fit.coefficients == pytest.approx(want.params, rel=STATSMODELS)
    assert fit.std_errors == pytest.approx(want.bse, rel=STATSMODELS)
    assert fit.p_values == pytest.approx(want.pvalues, rel=1e-6, abs=1e-12)
    assert fit.r2 == pytest.approx(want.rsquared, rel=STATSMODELS)


def test_speed_is_that_of_the_process():
    # ln v moves towards 10 at 3 % a year, without noise: the regression over 7 years says so.
    start = np.exp(np.linspace(8, 12, 30))
    end = np.exp(10 + (np.log(start) - 10) * np.exp(-0.03 * 7))
    fit = beta_convergence(start, end, 7)
    assert fit.speed == pytest.approx(0.03, abs=1e-10)
    assert fit.half_life == pytest.approx(np.log(2) / 0.03, abs=1e-6)
    apart = beta_convergence(start, np.exp(10 + (np.log(start) - 10) * 1.1), 7)
    assert apart.beta > 0 and apart.speed < 0 and np.isnan(apart.half_life)


def test_panel_beta_and_gaps():
    rng = np.random.default_rng(2)
    n_units, n_times = 40, 12
    unit, time = np.repeat(np.arange(n_units), n_times), np.tile(np.arange(2000, 2012), n_units)
    level = np.zeros((n_units, n_times))
    level[:, 0] = rng.normal(10, 1, n_units)
    for t in range(1, n_times):
        level[:, t] = 0.4 + 0.96 * level[:, t - 1] + rng.normal(0, 0.001, n_units)
    v = np.exp(level.ravel())
    pooled = panel_beta_convergence(v, unit, time, effects=("time",))
    assert pooled.beta == pytest.approx(-0.04, abs=0.001)
    assert pooled.speed == pytest.approx(-np.log(0.96), abs=0.001)
    assert pooled.fit.n_obs == n_units * (n_times - 1)
    # The same by statsmodels with dummies, errors clustered, no small-sample factor.
    import statsmodels.api as sm

    now = time > 2000
    y = np.diff(level, axis=1).ravel()
    x = level[:, :-1].ravel()
    dummies = pd.get_dummies(time[now]).to_numpy(float)
    want = sm.OLS(y, np.column_stack([x, dummies])).fit(
        cov_type="cluster", cov_kwds={"groups": unit[now], "use_correction": False}
    )
    plain = panel_beta_convergence(v, unit, time, effects=("time",), convention="uncorrected")
    assert plain.beta == pytest.approx(want.params[0], abs=1e-10)
    assert plain.fit.std_errors[0] == pytest.approx(want.bse[0], rel=1e-8)
    # Without 2005 nobody grows into 2005 or out of it.
    keep = time != 2005
    gap = panel_beta_convergence(v[keep], unit[keep], time[keep])
    assert gap.fit.n_obs == n_units * (n_times - 3)
    two = panel_beta_convergence(v, unit, time, span=2, effects=())
    assert two.fit.n_obs == n_units * (n_times - 2)
    assert two.speed == pytest.approx(-np.log(0.96), abs=0.002)


@pytest.mark.real
def test_entropy_weights_and_topsis_of_the_water_data(reference):
    """The arithmetic that the SQL index has to meet, in numpy, at the stored numbers."""
    data = pd.read_csv(reference / "mathmodels_water_quality.csv")
    o2, ph, germ, nutrient = (data[c].to_numpy() for c in ("O2", "PH", "germ", "nutrient"))
    off_ph = np.abs(ph - 7)
    good_ph = 1 - off_ph / off_ph.max()
    off = np.where(nutrient < 10, 10 - nutrient, np.where(nutrient > 20, nutrient - 20, 0.0))
    good_nutrient = 1 - off / max(10 - nutrient.min(), nutrient.max() - 20)

    def into(v, lowest=0.002, highest=0.998):
        return lowest + (highest - lowest) * (v - v.min()) / (v.max() - v.min())

    r = np.column_stack(
        [
            into(o2),
            np.clip(good_ph, 0.002, 0.998),
            into(-germ),
            np.clip(good_nutrient, 0.002, 0.998),
        ]
    )
    p = r / r.sum(axis=0)
    entropy = -(p * np.log(p)).sum(axis=0) / np.log(len(p))
    weights = (1 - entropy) / (1 - entropy).sum()
    want = [0.3153202, 0.1813149, 0.3506929, 0.1526721]
    assert weights == pytest.approx(want, abs=1e-7)

    scaled = np.column_stack([o2, good_ph, germ, good_nutrient])
    scaled = weights * scaled / np.sqrt((scaled**2).sum(axis=0))
    scaled[:, 2] *= -1
    to_best = np.sqrt(((scaled - scaled.max(axis=0)) ** 2).sum(axis=1))
    to_worst = np.sqrt(((scaled - scaled.min(axis=0)) ** 2).sum(axis=1))
    score = to_worst / (to_best + to_worst)
    want = [0.3841556, 0.4852199, 0.5021310, 0.5084128, 0.4226200, 0.3945085]
    assert score[:6] == pytest.approx(want, abs=1e-7)
