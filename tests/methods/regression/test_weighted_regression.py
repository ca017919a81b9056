"""Weighted least squares on a panel: dummies by hand, repeated rows, linearmodels, and what weights can't be."""

import numpy as np
import pytest

from analysis.regression.panel import PanelRegressionError, fit_panel
from analysis.regression.reference import check_fit

ROUNDING = 1e-10
"""Two ways of solving the same least squares on some hundred rows."""

UNITS, PERIODS = 14, 6
EFFECTS = [(), ("unit",), ("time",), ("unit", "time")]


def panel(seed: int = 3) -> dict:
    """An unbalanced panel of two regressors with weights that differ between rows."""
    rng = np.random.default_rng(seed)
    unit, time = np.repeat(np.arange(UNITS), PERIODS), np.tile(np.arange(PERIODS), UNITS)
    kept = rng.random(len(unit)) < 0.85
    unit, time = unit[kept], time[kept]
    x = rng.normal(size=(len(unit), 2)) + unit[:, None] / 5
    y = x @ [1.0, -0.5] + unit + 0.3 * time + rng.normal(size=len(unit))
    return {
        "y": y, "x": x, "unit": unit, "time": time, "cluster": unit // 2, "names": ("a", "b"),
        "weights": rng.uniform(0.2, 3, len(unit)),
    }  # fmt: skip


def by_hand(arrays: dict, effects: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray, float]:
    """Slopes, bare sandwich (k x k) and weighted sum of squares, with every effect as a dummy."""
    columns = [arrays["x"], np.ones((len(arrays["y"]), 1))]
    for name in effects:
        codes = arrays[name]
        columns.append((codes[:, None] == np.unique(codes)[1:]).astype(float))
    root = np.sqrt(arrays["weights"] / arrays["weights"].mean())
    design, y = np.hstack(columns) * root[:, None], arrays["y"] * root
    solved = np.linalg.lstsq(design, y, rcond=None)[0]
    residual = y - design @ solved
    bread = np.linalg.pinv(design.T @ design)
    scores = np.vstack(
        [
            (design * residual[:, None])[arrays["cluster"] == g].sum(axis=0)
            for g in np.unique(arrays["cluster"])
        ]
    )
    k = arrays["x"].shape[1]
    sandwich = bread @ (scores.T @ scores) @ bread
    return solved[:k], sandwich[:k, :k], float(residual @ residual)


@pytest.mark.parametrize("effects", EFFECTS)
def test_weighted_coefficients_and_errors_are_those_of_dummies(effects):
    arrays = panel()
    fit = fit_panel(**arrays, effects=effects, convention="uncorrected")
    slopes, covariance, rss = by_hand(arrays, effects)
    np.testing.assert_allclose(fit.coefficients[:-1], slopes, atol=ROUNDING)
    np.testing.assert_allclose(fit.covariance[:-1, :-1], covariance, atol=ROUNDING)
    assert fit.rss == pytest.approx(rss, rel=ROUNDING)


@pytest.mark.parametrize("effects", EFFECTS)
def test_linearmodels_agrees_on_weighted_columns(effects):
    arrays = panel(5)
    check = check_fit(fit_panel(**arrays, effects=effects), **arrays, effects=effects)
    assert check.agrees.all(), (check.differences, check.ssr_difference, check.detail)


def test_weights_of_one_are_no_weights_and_only_ratios_count():
    arrays = panel()
    weights = arrays.pop("weights")
    plain = fit_panel(**arrays, effects=("unit", "time"))
    ones = fit_panel(**arrays, effects=("unit", "time"), weights=np.full(len(weights), 7.0))
    np.testing.assert_allclose(ones.coefficients, plain.coefficients, atol=ROUNDING)
    np.testing.assert_allclose(ones.std_errors, plain.std_errors, atol=ROUNDING)
    assert ones.r2 == pytest.approx(plain.r2, abs=ROUNDING)
    once, tenfold = (
        fit_panel(**arrays, effects=("unit",), weights=scale * weights) for scale in (1.0, 10.0)
    )
    np.testing.assert_allclose(once.std_errors, tenfold.std_errors, rtol=ROUNDING)


def test_the_weighted_coefficient_is_the_sum_that_its_support_describes():
    """Weights on effects add up to 1 for a policy, weighted or not."""
    arrays = panel()
    treated = ((arrays["unit"] % 2 == 1) & (arrays["time"] >= 3)).astype(float)
    arrays |= {"x": treated[:, None], "names": ("did",)}
    fit = fit_panel(**arrays, effects=("unit", "time"))
    slopes, _, _ = by_hand(arrays, ("unit", "time"))
    assert fit.coefficients[0] == pytest.approx(slopes[0], abs=ROUNDING)
    assert fit.support[0].n_weights == int(treated.sum())


@pytest.mark.parametrize("bad", [0.0, -1.0, np.nan])
def test_a_weight_that_is_not_positive_is_refused(bad):
    arrays = panel()
    arrays["weights"][3] = bad
    with pytest.raises(PanelRegressionError, match="weights must be positive"):
        fit_panel(**arrays)


def test_weights_of_another_length_are_refused():
    arrays = panel()
    arrays["weights"] = arrays["weights"][1:]
    with pytest.raises(PanelRegressionError, match="expected one for each of the"):
        fit_panel(**arrays)


def test_weights_follow_their_rows_when_others_are_missing():
    arrays = panel()
    arrays["y"][[2, 9]] = np.nan
    kept = np.isfinite(arrays["y"])
    whole = fit_panel(**arrays, effects=("unit",))
    only = {k: v[kept] if isinstance(v, np.ndarray) else v for k, v in arrays.items()}
    np.testing.assert_allclose(
        whole.coefficients, fit_panel(**only, effects=("unit",)).coefficients, atol=ROUNDING
    )
