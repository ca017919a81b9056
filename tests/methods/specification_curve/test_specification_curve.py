"""Specification curves: every number is that of the regression, of true and of permuted policies."""

from itertools import product

import numpy as np
import pytest

from analysis.methods.specification_curve.equations import control_sets, number_of
from analysis.methods.specification_curve.numbers import Setting, curve_of
from analysis.methods.specification_curve.problems import problems
from analysis.methods.specification_curve.spec import SpecificationCurve
from analysis.regression.panel import PanelRegressionError, fit_panel
from analysis.studies import load_studies

EXACT = 1e-10
"""The same least squares by another order of sums."""
NAMES = ("a", "b", "c")
SETS = np.array(list(product([True, False], repeat=3)))


def panel(seed=1, n=40, years=9, keep=0.9):
    """An unbalanced panel with three cohorts, never treated units, and provinces of units."""
    rng = np.random.default_rng(seed)
    unit, time = (
        each.ravel() for each in np.meshgrid(range(n), range(2010, 2010 + years), indexing="ij")
    )
    cohort = np.array([2013.0, 2015.0, np.nan, np.nan])[unit % 4]
    treated = (time >= cohort).astype(float)
    controls = rng.normal(size=(len(unit), 3)) + treated[:, None] * [0.5, 0, -0.2]
    y = (
        1e3
        + 0.4 * treated
        + controls @ [1.0, -0.5, 0.2]
        + rng.normal(size=n)[unit]
        + rng.normal(size=len(unit))
    )
    rows = rng.random(len(unit)) < keep
    return {
        "y": y[rows], "treated": treated[rows], "controls": controls[rows], "unit": unit[rows],
        "time": time[rows], "cohort": cohort[rows], "cluster": unit[rows],
    }  # fmt: skip


def setting(made, effects=("unit", "time"), convention="fixest", sets=SETS):
    own = dict(made)
    return Setting(**own, effects=effects, names=NAMES, sets=sets, convention=convention)


def refitted(made, treated, effects, convention, mask):
    return fit_panel(
        made["y"], np.column_stack([treated, made["controls"][:, mask]]), made["unit"], made["time"],
        effects=effects, cluster=made["cluster"], names=("policy", *np.array(NAMES)[mask]),
        convention=convention,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("effects", "convention"),
    [(("unit", "time"), "fixest"), (("time",), "stata_areg"), ((), "reghdfe")],
)
@pytest.mark.parametrize("by", ["unit", "province"])
def test_every_specification_is_the_regression(effects, convention, by):
    made = panel()
    made["cluster"] = made["unit"] if by == "unit" else made["unit"] // 3
    own = setting(made, effects, convention)
    fits = own.fit(own.treated)
    for k, mask in enumerate(SETS):
        fit = refitted(made, made["treated"], effects, convention, mask)
        assert fits.estimates[k] == pytest.approx(fit.coefficients[0], rel=EXACT)
        assert fits.std_errors[k] == pytest.approx(fit.std_errors[0], rel=EXACT)
        assert fits.p_values[k] == pytest.approx(fit.p_values[0], rel=1e-8)
        assert own.df[k] == fit.df_resid


def test_a_permuted_curve_is_that_of_regressions():
    """p values counted again by a regression for every draw and set of controls."""
    made = panel(n=16, years=6)
    own, draws, seed = setting(made, sets=SETS[:3]), 30, 5
    first = np.array([made["cohort"][made["unit"] == u][0] for u in own.units])
    fits, curve = curve_of([own], [first], [np.arange(len(first))], draws=draws, seed=seed)
    orders = np.argsort(
        np.random.default_rng(seed).random((draws, len(first))), axis=1, kind="stable"
    )
    medians = []
    for order in orders:
        cohort = first[order][np.searchsorted(own.units, made["unit"])]
        b = [
            refitted(
                made, (made["time"] >= cohort).astype(float), ("unit", "time"), "fixest", mask
            ).coefficients[0]
            for mask in SETS[:3]
        ]
        medians.append(np.median(b) / np.std(made["y"]))
    assert curve.median == pytest.approx(
        np.median(fits[0].estimates) / np.std(made["y"]), rel=EXACT
    )
    expected = (np.sum(np.abs(medians) >= abs(curve.median)) + 1) / (draws + 1)
    assert curve.p_median == pytest.approx(expected)
    assert 0 < curve.p_median < 1


def test_collinear_controls_are_left_out_by_name():
    made = panel()
    made["controls"][:, 2] = 2 * made["controls"][:, 0] - made["controls"][:, 1]
    own = setting(made)
    fits = own.fit(own.treated)
    assert "c" in own.dropped[0]
    assert not own.dropped[1]
    assert fits.estimates[0] == pytest.approx(fits.estimates[1], rel=EXACT)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"cohort": np.nan}, "doesn't follow from first treated years"),
        ({"treated": 0.0, "cohort": np.nan}, "absorb the policy"),
        ({"cluster": 1}, "one cluster only"),
    ],
)
def test_settings_that_can_not_be_had_say_why(change, said):
    made = panel()
    for name, value in change.items():
        made[name] = np.full(len(made["y"]), value)
    with pytest.raises(PanelRegressionError, match=said):
        setting(made)


def test_an_explosion_of_combinations_is_refused_with_its_number():
    study = load_studies()["smart_city_nqpf"]
    design = SpecificationCurve(
        id="x",
        title="x",
        column="baseline.5",
        effect_sets=[["city"], ["year"], []],
        most=100,
        seed=1,
    )
    assert number_of(study, design) == 4 * 2**5
    ((at, said),) = problems(study, design)
    assert at == ("most",)
    assert "found 128" in said


def test_sets_of_controls_begin_with_the_column_itself():
    names = ("a", "b", "c")
    for kind, n in (("each", 8), ("leave_one_out", 5), ("declared", 1)):
        sets = control_sets(
            SpecificationCurve(id="x", title="x", column="a.b", control_sets=kind, seed=1), names
        )
        assert sets[0] == names
        assert len(set(sets)) == len(sets) == n


@pytest.mark.verify
def test_the_joint_test_has_its_size():
    """Without an effect, medians are rejected at 10 % in about a tenth of 300 panels."""
    rejected = []
    for seed in range(300):
        made = panel(seed, n=20, years=6)
        made["y"] = np.random.default_rng(10_000 + seed).normal(size=len(made["y"]))
        own = setting(made)
        first = np.array([made["cohort"][made["unit"] == u][0] for u in own.units])
        _, curve = curve_of([own], [first], [np.arange(len(first))], draws=99, seed=seed)
        rejected.append(curve.p_median <= 0.1)
    assert np.mean(rejected) == pytest.approx(0.1, abs=4 * np.sqrt(0.09 / 300))
