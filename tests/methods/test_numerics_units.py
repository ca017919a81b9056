"""What must not change an estimate, over all methods: units, constants, order, threads, hash seed."""

import os
import subprocess
import sys
import warnings
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.methods.mediation.numbers import fit_mediation
from analysis.methods.threshold.numbers import (
    Grid,
    bootstrap_tests,
    estimate_slopes,
    linearity_test,
    prepare_panel,
    robust_sets,
    search_thresholds,
    threshold_response,
)
from analysis.regression import PanelRegressionError, fit_panel
from analysis.regression.difference import coefficient_difference, joint_equality

# A change of units moves every number by rounding, and F divides a difference of sums of squares.
SAME = 1e-6
# A constant of up to 1e6 standard deviations costs six of sixteen digits of the column itself.
SHIFTED = 1e-5
COLUMNS = ("x1", "x2", "m")
GRID = Grid("quantile", 20, 0.15, min_active=2)

units = st.floats(-12, 12).map(lambda e: 10.0**e)
column = st.sampled_from(COLUMNS)
few = settings(max_examples=25)


def panel(seed=0, n_units=20, n_years=8):
    """Arrays by name: a staggered policy, two controls, a mediator, a threshold variable."""
    rng = np.random.default_rng(seed)
    unit = np.repeat(np.arange(n_units), n_years)
    year = np.tile(np.arange(2010, 2010 + n_years), n_units)
    n = len(unit)
    level = rng.normal(size=n_units)[unit]
    did = (year >= rng.choice([2012, 2014, 2016, 9999], n_units)[unit]).astype(float)
    x1, x2, q = (rng.normal(size=n) + level for _ in range(3))
    m = 0.5 * did + 0.3 * x1 + level + rng.normal(size=n)
    y = (0.5 + (q > 0)) * did + 0.4 * m + 0.3 * x1 - 0.2 * x2 + level + rng.normal(size=n)
    return {"unit": unit, "year": year, "did": did, "x1": x1, "x2": x2, "q": q, "m": m, "y": y}


def regression(data, effects=("unit", "time"), names=("did", "x1", "x2", "m")):
    x = np.column_stack([data[name] for name in names])
    return fit_panel(data["y"], x, data["unit"], data["year"], effects=effects, names=names)


def of_regression(data):
    """Numbers of the policy from the table's regressions and the tests between groups."""
    found = []
    for effects in ((), ("unit",), ("unit", "time")):
        fit = regression(data, effects)
        at = fit.position("did")
        support = fit.support[at]
        found += [fit.coefficients[at], fit.std_errors[at], fit.f_statistic, fit.r2,
                  support.effective_clusters, support.n_negative_weights, len(fit.dropped)]  # fmt: skip
    halves = [
        regression({k: v[data["unit"] % 2 == part] for k, v in data.items()}) for part in (0, 1)
    ]
    found += [coefficient_difference(*halves, "did").t_value, joint_equality(halves, "did").p_value]
    return np.array(found, dtype=float)


def of_mediation(data):
    fit = fit_mediation(
        data["y"], data["m"], data["did"], np.column_stack([data["x1"], data["x2"]]),
        data["unit"], data["year"], effects=("unit", "time"), control_names=("x1", "x2"),
        n_draws=40, seed=2,
    )  # fmt: skip
    (path,) = fit.paths
    return np.array([fit.direct, fit.direct_se, path.indirect, path.sobel_se, *path.draws])


def of_threshold(data):
    controls = np.column_stack([data["x1"], data["x2"], data["m"]])
    shared = {"controls": controls, "year_effects": True, "convention": "xthreg"}
    key = (data["q"], data["unit"], data["year"])
    sharp = prepare_panel(data["y"], data["did"], *key, **shared)
    search = search_thresholds(sharp, 1, GRID)
    model = search.models[0]
    slopes = estimate_slopes(sharp, model.thresholds)
    here = slopes.regime >= 0
    robust = robust_sets(search, 1, 39)[0]
    test = linearity_test(sharp)
    response = threshold_response(data["q"], data["did"], *key[1:], controls=controls)
    return np.array([
        *model.thresholds, model.f_statistic, model.ssr, robust.ends.lower, robust.ends.upper,
        *slopes.coefficient[here], *slopes.se_cluster[here], test.lm_f, test.lm_cluster,
        response.effect[0],
        *bootstrap_tests(search, 19, seed=1, resample="wild")[0].f_draws,
    ])  # fmt: skip


METHODS = {"regression": of_regression, "mediation": of_mediation, "threshold": of_threshold}


@pytest.mark.parametrize("method", METHODS)
@given(seed=st.integers(0, 50), name=column, unit=units)
@few
def test_the_unit_of_a_control_changes_nothing_else(method, seed, name, unit):
    data = panel(seed)
    np.testing.assert_allclose(
        METHODS[method]({**data, name: data[name] * unit}),
        METHODS[method](data),
        rtol=SAME,
        atol=1e-8,
    )


@pytest.mark.parametrize("method", METHODS)
@given(seed=st.integers(0, 50), name=column, shift=st.floats(-1e6, 1e6))
@few
def test_a_constant_that_effects_hold_changes_nothing(method, seed, name, shift):
    data = panel(seed)
    np.testing.assert_allclose(
        METHODS[method]({**data, name: data[name] + shift}), METHODS[method](data),
        rtol=SHIFTED, atol=1e-6,
    )  # fmt: skip


@pytest.mark.parametrize("method", METHODS)
@given(seed=st.integers(0, 50), unit=units)
@few
def test_the_unit_of_the_outcome_scales_what_has_it(method, seed, unit):
    """Signs and ratios: nothing vanishes, nothing becomes exact, no test turns."""
    data = panel(seed)
    before, after = METHODS[method](data), METHODS[method]({**data, "y": data["y"] * unit})
    assert (np.sign(before) == np.sign(after)).all()
    assert np.isfinite(after).all()


@pytest.mark.parametrize("method", METHODS)
@given(seed=st.integers(0, 50))
@few
def test_the_order_of_rows_changes_nothing(method, seed):
    data = panel(seed)
    order = np.random.default_rng(seed).permutation(len(data["y"]))
    np.testing.assert_allclose(
        METHODS[method]({k: v[order] for k, v in data.items()}), METHODS[method](data),
        rtol=SAME, atol=1e-9,
    )  # fmt: skip


@pytest.mark.parametrize("unit", [1e-12, 1.0, 1e12])
def test_the_table_and_the_threshold_engine_drop_the_same_controls(unit):
    """Nearly absorbed by effects, spanned, constant: one line for both, in any unit."""
    data = panel(3)
    rng = np.random.default_rng(0)
    noise = rng.normal(size=len(data["y"]))
    level = data["unit"] + 0.0
    controls = {
        "nearly": level + 3e-5 * noise,  # its within share is 5e-6 of its length
        "barely": level + 3e-3 * noise,
        "spanned": 2 * data["x1"] - data["x2"] + level + data["year"],
        "shaky": data["x1"] + 1e-7 * noise,
        "fixed": np.full(len(noise), 0.1),
        "like_policy": 3 * data["did"] + level,
    }
    names = ("x1", "x2", *controls)
    z = np.column_stack([data["x1"], data["x2"], *(unit * v for v in controls.values())])
    table = fit_panel(
        data["y"], np.column_stack([data["did"], z]), data["unit"], data["year"],
        effects=("unit", "time"), names=("did", *names),
    )  # fmt: skip
    engine = prepare_panel(
        data["y"], data["did"], data["q"], data["unit"], data["year"], controls=z,
        control_names=names, year_effects=True, convention="xthreg", x_names=("did",),
    )  # fmt: skip
    assert engine.dropped == table.dropped
    assert {term.name for term in table.dropped} == set(controls) - {"barely"}
    reasons = {term.name: term.reason for term in table.dropped}
    assert reasons["fixed"] == "does not vary in the sample"
    assert reasons["nearly"] == "absorbed by unit effects and time effects"
    assert reasons["spanned"].startswith("a linear combination of x1, x2 and unit effects")
    assert reasons["like_policy"].startswith("a linear combination of did and unit effects")
    slopes = estimate_slopes(engine, ())
    kept = np.isfinite(slopes.coefficient)
    assert [t for t, k in zip(slopes.term, kept, strict=True) if k][-1] == "x0:regime0"
    np.testing.assert_allclose(slopes.coefficient[-1], table.coefficients[0], rtol=1e-8)


def test_a_further_control_in_yuan_does_not_turn_the_others():
    """A control of 1e13 beside controls of 1: slopes as with the same control in units of 1e13."""
    data = panel(5)
    found = []
    for unit in (1.0, 1e13):
        z = np.column_stack([data["x1"], data["m"], unit * data["x2"]])
        fit = prepare_panel(
            data["y"], data["did"], data["q"], data["unit"], data["year"], controls=z
        )
        slopes = estimate_slopes(fit, (-0.5, 0.5))
        found.append(slopes.coefficient * [1, 1, unit, 1, 1, 1])
    np.testing.assert_allclose(found[1], found[0], rtol=SAME)


@pytest.mark.parametrize("shift", [0.0, 2010.0, 1e6])
def test_a_mediator_made_of_controls_is_refused_and_a_narrow_one_is_not(shift):
    data = panel(6)
    narrow = {**data, "x1": 2010 + 0.01 * data["x1"], "m": data["m"] + shift}
    np.testing.assert_allclose(of_mediation(narrow), of_mediation(data), rtol=SHIFTED, atol=1e-7)
    with pytest.raises(PanelRegressionError, match="mediator is a linear combination of x1, x2"):
        of_mediation({**data, "m": shift + data["x1"] - data["x2"]})
    with pytest.raises(
        PanelRegressionError, match="outcome is an exact combination of x2, mediator"
    ):
        of_mediation({**data, "y": shift + data["x2"] - data["m"]})


def test_two_regressors_of_any_unit_cut_at_the_same_threshold():
    data = panel(7, n_units=30)
    found = []
    for unit in (1.0, 1e9, 1e-9):
        x = np.column_stack([data["x1"], unit * data["x2"]])
        sharp = prepare_panel(data["y"], x, data["q"], data["unit"], data["year"])
        search = search_thresholds(sharp, 2, GRID)
        draws = bootstrap_tests(search, 19, scheme="xthreg", resample="wild")
        found.append(
            [*search.models[1].thresholds, search.models[1].f_statistic, *draws[1].f_draws]
        )
    for one, other in pairwise(found):
        np.testing.assert_allclose(one, other, rtol=SAME)


SCRIPT = """
import sys; sys.path[:0] = [{tests!r}, {repo!r}]
import test_numerics_units as t
sys.stdout.buffer.write(b"".join(f(t.panel(1)).tobytes() for f in t.METHODS.values()))
"""


def test_threads_and_hash_seed_change_no_bit(repo_dir):
    """`fit_panel` itself runs under the study's guard; here as the studies run it."""
    script = SCRIPT.format(tests=str(repo_dir / "tests" / "methods"), repo=str(repo_dir))
    script = script.replace("for f in", "for f in map(__import__('analysis.blas').blas.one_thread,")
    script = script.replace("t.METHODS.values())", "t.METHODS.values()))")
    found = set()
    for threads, seed in (("1", "0"), ("2", "1"), ("4", "2")):
        environment = {**os.environ, "OPENBLAS_NUM_THREADS": threads, "PYTHONHASHSEED": seed}
        run = subprocess.run(
            [sys.executable, "-c", script], env=environment, capture_output=True, check=True
        )
        found.add(run.stdout)
    assert len(found) == 1


# --- fits that leave nothing


def test_an_identity_has_no_error_and_no_star():
    """ln GDP per head on ln GDP and ln population, with a policy beside."""
    data = panel(8)
    rng = np.random.default_rng(1)
    gdp, people = rng.normal(8, 1, len(data["y"])), rng.normal(5, 1, len(data["y"]))
    x = np.column_stack([data["did"], gdp, people])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for effects in ((), ("unit",), ("unit", "time")):
            for scale in (1e-12, 1.0, 1e12):
                fit = fit_panel(
                    scale * (gdp - people), x, data["unit"], data["year"], effects=effects,
                    names=("did", "gdp", "people"),
                )  # fmt: skip
                assert fit.is_exact
                np.testing.assert_allclose(
                    fit.coefficients[:3] / scale, [0, 1, -1], rtol=1e-9, atol=0
                )
                for numbers in (fit.std_errors, fit.t_values, fit.p_values, fit.ci_low):
                    assert np.isnan(numbers).all()
                assert np.isnan(fit.f_statistic)
                assert np.isnan(fit.under("reghdfe").std_errors).all()
                half = data["unit"] % 2 == 0
                parts = [
                    fit_panel((gdp - people)[m], x[m], data["unit"][m], data["year"][m],
                              names=("did", "gdp", "people"))
                    for m in (half, ~half)
                ]  # fmt: skip
                assert np.isnan(coefficient_difference(*parts, "gdp").p_value)
                assert np.isnan(joint_equality(parts, "gdp").p_value)


@pytest.mark.parametrize(
    ("outcome", "says"),
    [
        (lambda d: np.full(len(d["y"]), 0.1), "does not vary in the sample"),
        (lambda d: 0.1 * d["unit"] + 1e5, "absorbed by unit effects"),
        (lambda d: d["unit"] + 1e-13 * d["y"], "absorbed by unit effects"),
    ],
)
def test_an_outcome_without_variation_is_refused_by_every_method(outcome, says):
    data = panel(9)
    nothing = {**data, "y": outcome(data)}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for attempt in (
            lambda: regression(nothing),
            lambda: of_mediation(nothing),
            lambda: prepare_panel(nothing["y"], data["did"], data["q"], data["unit"], data["year"]),
        ):
            with pytest.raises(ValueError, match=says):
                attempt()


def test_an_outcome_that_is_its_regressors_carries_no_threshold():
    data = panel(10)
    key = (data["q"], data["unit"], data["year"])
    with pytest.raises(ValueError, match="exact combination of the regressors"):
        prepare_panel(data["did"] - data["x1"], data["did"], *key, controls=data["x1"])
    exact = prepare_panel(data["x1"] * (data["q"] > 0), data["x1"], *key, convention="xthreg")
    with pytest.raises(ValueError, match="explains the outcome exactly"):
        search_thresholds(exact, 1, Grid("all", trim=0.1, min_active=2))


def test_a_term_that_varies_in_one_cluster_has_no_error():
    """With city effects alone, one treated city fits its own change: its scores cancel."""
    data = panel(11)
    did = ((data["unit"] == 3) & (data["year"] >= 2014)).astype(float)
    x = np.column_stack([did, data["x1"]])
    fit = fit_panel(
        data["y"], x[:, :1], data["unit"], data["year"], effects=("unit",), names=("did",)
    )
    assert not fit.is_exact
    assert np.isfinite(fit.coefficients[0])
    assert np.isnan(fit.std_errors[0])
    assert np.isnan(fit.p_values[0])
    sharp = prepare_panel(data["y"], did, data["q"], data["unit"], data["year"])
    assert np.isnan(estimate_slopes(sharp, ()).se_cluster[0])


def test_years_as_text_sort_as_years_and_mixed_labels_are_named():
    """999 to 1006 as text: the last year, which Hansen's convention drops, is 1006."""
    data = panel(12)
    years = data["year"] - 2010 + 999
    found = [
        search_thresholds(
            prepare_panel(data["y"], data["did"], data["q"], data["unit"], label), 1, GRID
        ).models[0]
        for label in (years, years.astype(str), years.astype(str).astype(object))
    ]
    assert found[0].ssr == found[1].ssr == found[2].ssr
    mixed = years.astype(object)
    mixed[3] = "1002"
    with pytest.raises(
        ValueError, match=r"time: labels of several kinds \(int, str\) have no order"
    ):
        prepare_panel(data["y"], data["did"], data["q"], data["unit"], mixed)
    with pytest.raises(PanelRegressionError, match="period: labels of several kinds"):
        regression({**data, "year": mixed})
