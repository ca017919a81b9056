"""Year effects by group and trends of units: against linearmodels' AbsorbingLS and dummies by brute force."""

import numpy as np
import pandas as pd
import pytest
from linearmodels.iv.absorbing import AbsorbingLS, Interaction

from analysis.regression.panel import PanelRegressionError, fit_panel
from analysis.regression.reference import check_fit

ITERATED = 1e-8  # AbsorbingLS solves by iteration where we project
ROUNDING = 1e-9


def panel(seed=0, n=30, years=9):
    """An unbalanced panel with a gap of two years, four provinces, and outcomes that trend by unit."""
    rng = np.random.default_rng(seed)
    unit, time = np.repeat(np.arange(n), years), np.tile(np.arange(2010, 2010 + years), n)
    kept = (rng.uniform(size=n * years) < 0.9) & ~np.isin(time, (2013, 2014))
    unit, time = unit[kept], time[kept]
    x = (
        rng.normal(size=(len(unit), 2))
        + 0.3 * (time - 2010)[:, None] * rng.normal(size=n)[unit][:, None]
    )
    y = x @ [0.5, -1.0] + rng.normal(size=n)[unit] * (time - 2010) + rng.normal(size=len(unit))
    return y, x, unit, time, unit % 4, rng.uniform(0.5, 2, len(unit))


def dummies(labels):
    return (np.asarray(labels)[:, None] == np.unique(labels)).astype(float)


def brute(y, x, others, cluster, weights=None):
    """Slopes, bare clustered errors, squared residuals and rank of everything, by one least squares."""
    root = np.sqrt(np.ones(len(y)) if weights is None else weights / weights.mean())
    whole = np.hstack([x, *others]) * root[:, None]
    pinv = np.linalg.pinv(whole, rcond=1e-10)
    slopes = (pinv @ (root * y))[: x.shape[1]]
    residual = root * y - whole @ (pinv @ (root * y))
    scores = pinv[: x.shape[1]].T * residual[:, None]
    sums = np.vstack([scores[cluster == c].sum(axis=0) for c in np.unique(cluster)])
    return slopes, np.sqrt((sums**2).sum(axis=0)), residual @ residual, np.linalg.matrix_rank(whole)


def of_units_and_trends(unit, time):
    own = dummies(unit)
    return [own, own * (time - time.mean())[:, None]]


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("effects", [("unit",), ("unit", "time"), ("time", "unit")])
def test_trends_are_dummies_of_units_and_their_products_with_time(effects, weighted):
    y, x, unit, time, _, weights = panel()
    weights = weights if weighted else None
    fit = fit_panel(y, x, unit, time, effects=effects, names=("a", "b"), trends=True,
                    convention="uncorrected", weights=weights)  # fmt: skip
    others = of_units_and_trends(unit, time) + ([dummies(time)] if "time" in effects else [])
    slopes, errors, rss, rank = brute(y, x, others, unit, weights)
    np.testing.assert_allclose(fit.coefficients[:2], slopes, rtol=ROUNDING)
    np.testing.assert_allclose(fit.std_errors[:2], errors, rtol=ROUNDING)
    assert fit.rss == pytest.approx(rss, rel=ROUNDING)
    assert fit.n_parameters == rank


def test_trends_are_those_of_absorbing_least_squares():
    y, x, unit, time, _, _ = panel(seed=3)
    fit = fit_panel(y, x, unit, time, effects=("unit", "time"), names=("a", "b"), trends=True)
    cats = pd.DataFrame({"unit": pd.Categorical(unit), "time": pd.Categorical(time)})
    own = Interaction(cats[["unit"]], pd.DataFrame({"t": time - 2010.0}))
    found = AbsorbingLS(y, pd.DataFrame(x, columns=["a", "b"]), absorb=cats, interactions=own).fit(
        cov_type="clustered", clusters=unit, debiased=False
    )
    np.testing.assert_allclose(fit.coefficients[:2], found.params[["a", "b"]], rtol=ITERATED)
    bare = fit.under("uncorrected").std_errors[:2]
    np.testing.assert_allclose(bare, found.std_errors[["a", "b"]], rtol=ITERATED)


@pytest.mark.parametrize("effects", [("time",), ("unit", "time")])
def test_periods_by_group_are_dummies_of_both_together(effects):
    y, x, unit, time, province, _ = panel(seed=1)
    fit = fit_panel(y, x, unit, time, effects=effects, names=("a", "b"), time_by=province,
                    convention="uncorrected")  # fmt: skip
    moments = dummies([f"{p} {t}" for p, t in zip(province, time, strict=True)])
    others = [moments, *([dummies(unit)] if "unit" in effects else [])]
    slopes, errors, _, rank = brute(y, x, others, unit)
    np.testing.assert_allclose(fit.coefficients[:2], slopes, rtol=ROUNDING)
    np.testing.assert_allclose(fit.std_errors[:2], errors, rtol=ROUNDING)
    assert fit.n_parameters == rank and fit.n_periods == len(np.unique(time))


def test_trends_count_as_the_effects_of_units_in_the_convention():
    y, x, unit, time, _, _ = panel()
    plain = fit_panel(y, x, unit, time, effects=("unit", "time"), names=("a", "b"))
    with_trends = fit_panel(
        y, x, unit, time, effects=("unit", "time"), names=("a", "b"), trends=True
    )
    assert with_trends.df_counted == plain.df_counted
    assert with_trends.n_parameters == plain.n_parameters + 30 - 1


def test_a_regressor_that_trends_by_unit_is_absorbed_and_trends_need_effects():
    y, x, unit, time, _, _ = panel()
    slope = np.random.default_rng(2).normal(size=30)[unit] * time
    fit = fit_panel(y, np.column_stack([x[:, 0], slope]), unit, time, effects=("unit",),
                    names=("a", "trend"), trends=True)  # fmt: skip
    assert [str(t) for t in fit.dropped] == ["trend: absorbed by unit effects and unit trends"]
    with pytest.raises(PanelRegressionError, match="need the effects of units"):
        fit_panel(y, x, unit, time, effects=("time",), names=("a", "b"), trends=True)


@pytest.mark.parametrize("effects", [("unit", "time"), ("time",)])
@pytest.mark.parametrize("trends", [False, True])
def test_the_referee_makes_them_again_and_sees_what_differs(effects, trends):
    y, x, unit, time, province, _ = panel(seed=4)
    given = {"effects": effects, "names": ("a", "b"), "cluster": unit}
    given |= {"trends": True} if trends else {"time_by": province}
    if trends and "unit" not in effects:
        given["effects"] = ("unit",)
    fit = fit_panel(y, x, unit, time, **given)
    check = check_fit(fit, y, x, unit, time, **given)
    assert not check.detail and check.agrees.all() and len(check.agrees) == 3
    for without in ("trends", "time_by"):
        other = check_fit(
            fit, y, x, unit, time, **{key: value for key, value in given.items() if key != without}
        )
        assert other.agrees.any() == (without not in given)


def test_the_referee_refuses_weights_beside_trends_in_words():
    y, x, unit, time, _, weights = panel()
    given = {"effects": ("unit", "time"), "names": ("a", "b"), "trends": True, "weights": weights}
    check = check_fit(fit_panel(y, x, unit, time, **given), y, x, unit, time, **given)
    assert not check.agrees.any() and "weights beside periods by group or trends" in check.detail
