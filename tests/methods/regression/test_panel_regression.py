"""Panel regressions against stored output of fixest, statsmodels, linearmodels and closed forms."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.regression import CONVENTIONS, FitCounts, PanelRegressionError, fit_panel
from analysis.regression.conventions import counted_parameters, reference_df, variance_factor
from analysis.regression.effects import connected_sets, singletons, take_out

REFERENCE = 1e-8  # the digits that fixest's stored output has
COEFFICIENT = 1e-8  # two exact algorithms on data of order one: rounding stays far below
CLOSED_FORM = 1e-9  # the same numbers in another order of operations

# The five columns of the printed table: effects, and how many of the regressors they use.
COLUMN_TYPES = {
    "pooled": ((), 1),
    "pooled_controls": ((), 4),
    "unit": (("unit",), 1),
    "two_way": (("unit", "time"), 1),
    "two_way_controls": (("unit", "time"), 4),
}


def random_panel(seed: int, n_units: int = 18, n_periods: int = 7, keep: float = 0.75):
    """An unbalanced panel with effects, errors correlated within units, and a staggered dummy."""
    rng = np.random.default_rng(seed)
    unit = np.repeat(np.arange(n_units), n_periods)
    time = np.tile(np.arange(n_periods), n_units)
    first = rng.choice([2, 3, 5, 99], n_units)[unit]
    did = (time >= first).astype(float)
    shock = rng.normal(size=n_units)[unit]
    x = np.column_stack([did, rng.normal(size=(len(unit), 3)) + shock[:, None]])
    error = rng.normal(size=len(unit)) + rng.normal(size=n_units)[unit]
    y = x @ [0.5, 1.0, -1.0, 0.2] + shock + 0.3 * time + error
    rows = rng.uniform(size=len(unit)) < keep
    order = rng.permutation(np.flatnonzero(rows))
    return y[order], x[order], unit[order], time[order]


def dummy_regression(y, x, unit, time, effects):
    """statsmodels least squares on [x, constant, dummies less one each], and the mean row."""
    parts = [x, np.ones((len(y), 1))]
    for effect, codes in (("unit", unit), ("time", time)):
        if effect in effects:
            parts.append(pd.get_dummies(codes, drop_first=True).to_numpy(dtype=float))
    design = np.column_stack(parts)
    assert np.linalg.matrix_rank(design) == design.shape[1]
    restores_mean = design.mean(axis=0)
    restores_mean[: x.shape[1]] = 0.0
    return sm.OLS(y, design), restores_mean


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("kind", COLUMN_TYPES)
def test_agrees_with_dummy_variables_in_statsmodels(kind, seed):
    effects, k = COLUMN_TYPES[kind]
    y, x, unit, time = random_panel(seed)
    x = x[:, :k]
    fit = fit_panel(y, x, unit, time, effects=effects, names=tuple("abcd"[:k]))
    model, restores_mean = dummy_regression(y, x, unit, time, effects)
    dummies = model.fit(
        cov_type="cluster", cov_kwds={"groups": unit, "use_correction": True, "df_correction": True}
    )
    contrast = dummies.t_test(restores_mean)

    np.testing.assert_allclose(fit.coefficients[:k], dummies.params[:k], atol=COEFFICIENT)
    np.testing.assert_allclose(fit.coefficients[k], contrast.effect[0], atol=COEFFICIENT)
    # statsmodels counts every dummy, as areg does.
    areg = fit.under("stata_areg")
    np.testing.assert_allclose(areg.std_errors[:k], dummies.bse[:k], rtol=COEFFICIENT)
    np.testing.assert_allclose(areg.std_errors[k], contrast.sd[0, 0], rtol=COEFFICIENT)
    raw = model.fit(cov_type="cluster", cov_kwds={"groups": unit, "use_correction": False})
    np.testing.assert_allclose(
        fit.under("uncorrected").covariance[:k, :k], raw.cov_params()[:k, :k], atol=COEFFICIENT
    )
    assert fit.r2 == pytest.approx(dummies.rsquared, rel=CLOSED_FORM)
    assert fit.r2_adjusted == pytest.approx(dummies.rsquared_adj, rel=CLOSED_FORM)
    assert fit.n_parameters == model.exog.shape[1]
    slopes = np.eye(k, model.exog.shape[1])
    wald = dummies.f_test(slopes)
    assert areg.f_statistic == pytest.approx(float(wald.fvalue), rel=COEFFICIENT)


@pytest.mark.parametrize("kind", COLUMN_TYPES)
def test_linearmodels_convention_is_what_linearmodels_prints(kind):
    from linearmodels.panel import PanelOLS, PooledOLS

    effects, k = COLUMN_TYPES[kind]
    y, x, unit, time = random_panel(11)
    names = tuple("abcd"[:k])
    fit = fit_panel(
        y, x[:, :k], unit, time, effects=effects, names=names, convention="linearmodels"
    )
    index = pd.MultiIndex.from_arrays([unit, time])
    frame = pd.DataFrame(x[:, :k], index=index, columns=list(names)).assign(constant=1.0)
    outcome = pd.Series(y, index=index)
    if effects:
        theirs = PanelOLS(outcome, frame, entity_effects=True, time_effects="time" in effects).fit(
            cov_type="clustered", cluster_entity=True
        )
        assert fit.r2 == pytest.approx(theirs.rsquared_inclusive, rel=CLOSED_FORM)
        assert fit.r2_within == pytest.approx(theirs.rsquared, rel=CLOSED_FORM)
    else:
        theirs = PooledOLS(outcome, frame).fit(cov_type="clustered", cluster_entity=True)
        assert fit.r2 == pytest.approx(theirs.rsquared, rel=CLOSED_FORM)
        assert np.isnan(fit.r2_within)
    order = [*names, "constant"]
    np.testing.assert_allclose(fit.coefficients, theirs.params[order], rtol=COEFFICIENT)
    np.testing.assert_allclose(fit.std_errors, theirs.std_errors[order], rtol=COEFFICIENT)
    np.testing.assert_allclose(fit.p_values, theirs.pvalues[order], rtol=1e-6, atol=1e-12)
    np.testing.assert_allclose(fit.ci_low, theirs.conf_int()["lower"][order], atol=COEFFICIENT)
    assert fit.df_resid == theirs.df_resid


@pytest.mark.real
def test_two_way_estimate_of_fixest(shared_dir: Path):
    data = pd.read_csv(shared_dir / "reference" / "mpdta.csv")
    treated = (data["first.treat"] > 0) & (data["year"] >= data["first.treat"])
    fit = fit_panel(
        data["lemp"],
        treated.to_numpy(dtype=float)[:, None],
        data["countyreal"],
        data["year"],
        effects=("unit", "time"),
        names=("did",),
    )
    assert fit.df_convention == "fixest"
    assert fit.coefficients[0] == pytest.approx(-0.036548937, abs=REFERENCE)
    assert fit.std_errors[0] == pytest.approx(0.013265155, abs=REFERENCE)
    assert fit.under("reghdfe").std_errors[0] == fit.std_errors[0]


@pytest.mark.real
def test_conventions_on_castle_doctrine(shared_dir: Path):
    data = pd.read_csv(
        shared_dir / "reference" / "castle.csv", usecols=["sid", "year", "l_homicide", "post"]
    )
    fit = fit_panel(
        data["l_homicide"], data[["post"]], data["sid"], data["year"],
        effects=("unit", "time"), names=("post",),
    )  # fmt: skip
    printed = 5e-7  # the references are given with six digits
    assert fit.std_errors[0] == pytest.approx(0.058874, abs=printed)
    assert fit.under("linearmodels").std_errors[0] == pytest.approx(0.061189, abs=printed)


def counts(sizes, nested, n_repeated=0, n_slopes=1):
    return FitCounts(
        n_obs=100, n_clusters=10, n_slopes=n_slopes, effect_sizes=sizes, effect_nested=nested,
        n_repeated=n_repeated,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("sizes", "nested", "expected"),
    [
        # fixest's manual, ssc(): one regressor, effects of 3 and 5 groups
        ((3, 5), (True, False), {"fixest": 1 + 5, "reghdfe": 1 + 4 + 1, "stata_areg": 1 + 3 + 4}),
        ((3, 5), (False, False), {"fixest": 1 + 3 + 5 - 1, "reghdfe": 1 + 3 + 4}),
        # all effects nested: only the constant is counted beside the slopes, as in xtreg, fe
        ((3,), (True,), {"fixest": 2, "reghdfe": 2, "stata_areg": 4, "linearmodels": 2}),
        ((5,), (False,), {"fixest": 6, "reghdfe": 6, "stata_areg": 6, "linearmodels": 6}),
        ((), (), {"fixest": 2, "reghdfe": 2, "stata_areg": 2, "linearmodels": 2}),
    ],
)
def test_parameters_that_conventions_count(sizes, nested, expected):
    fitted = counts(sizes, nested, n_repeated=1 if len(sizes) == 2 else 0)
    for convention, number in expected.items():
        assert counted_parameters(convention, fitted) == number, convention


def test_repeated_effects_set_reghdfe_apart_from_fixest():
    # fixest's manual again: two restrictions between the effects, exact count 1 + 3 + 5 - 2
    fitted = counts((3, 5), (False, False), n_repeated=2)
    assert counted_parameters("reghdfe", fitted) == 7
    assert counted_parameters("fixest", fitted) == 8
    assert fitted.n_parameters == 7


def test_factors_and_reference_distributions():
    fitted = counts((10, 4), (True, False), n_repeated=1)  # K = 1 + 4
    assert variance_factor("fixest", fitted) == pytest.approx(10 / 9 * 99 / 95)
    assert variance_factor("stata_areg", fitted) == pytest.approx(10 / 9 * 99 / 86)
    assert variance_factor("linearmodels", fitted) == pytest.approx(100 / 86)
    assert variance_factor("uncorrected", fitted) == 1.0
    assert [reference_df(c, fitted) for c in CONVENTIONS] == [9, 9, 9, 86, 9]


def test_changing_the_convention_and_back_changes_nothing():
    y, x, unit, time = random_panel(3)
    fit = fit_panel(y, x, unit, time, effects=("unit", "time"), names=tuple("abcd"))
    for convention in CONVENTIONS:
        there = fit.under(convention)
        assert there.df_convention == convention
        back = there.under("fixest")
        np.testing.assert_allclose(back.std_errors, fit.std_errors, rtol=CLOSED_FORM)
        direct = fit_panel(
            y, x, unit, time, effects=("unit", "time"), names=tuple("abcd"), convention=convention
        )
        np.testing.assert_allclose(there.p_values, direct.p_values, rtol=1e-6)
        assert there.df_resid == direct.df_resid


@given(seed=st.integers(0, 10_000), kind=st.sampled_from(["pooled", "unit", "two_way"]))
@settings(max_examples=25, deadline=None)
def test_f_is_the_square_of_t_for_one_regressor(seed, kind):
    effects, _ = COLUMN_TYPES[kind]
    y, x, unit, time = random_panel(seed, n_units=12, n_periods=5, keep=0.9)
    fit = fit_panel(y, x[:, 1:2], unit, time, effects=effects, names=("x",))
    assert fit.f_statistic == pytest.approx(fit.t_values[0] ** 2, rel=CLOSED_FORM)
    assert fit.f_p_value == pytest.approx(fit.p_values[0], rel=1e-6)


@given(
    seed=st.integers(0, 10_000),
    scale=st.floats(-6, 6).map(lambda power: 10.0**power),
    shift=st.floats(-100, 100),
    kind=st.sampled_from(sorted(COLUMN_TYPES)),
)
@settings(max_examples=25, deadline=None)
def test_units_of_measurement_and_row_order_change_no_t_value(seed, scale, shift, kind):
    effects, _ = COLUMN_TYPES[kind]
    y, x, unit, time = random_panel(seed, n_units=12, n_periods=5, keep=0.9)
    x = x[:, 1:]
    names = tuple("abc")
    fit = fit_panel(y, x, unit, time, effects=effects, names=names)
    order = np.random.default_rng(seed).permutation(len(y))
    other = fit_panel(
        y[order] * 3, (x[order] + shift) * scale, np.char.add("city", unit[order].astype(str)),
        time[order] + 2000, effects=effects, names=names,
    )  # fmt: skip
    np.testing.assert_allclose(other.t_values[:3], fit.t_values[:3], rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(other.coefficients[:3] * scale / 3, fit.coefficients[:3], rtol=1e-6)
    assert other.r2 == pytest.approx(fit.r2, rel=1e-8)


def test_clusters_coarser_than_units():
    y, x, unit, time = random_panel(5)
    province = unit // 3
    fit = fit_panel(
        y, x, unit, time, effects=("unit", "time"), cluster=province, names=tuple("abcd")
    )
    model, _ = dummy_regression(y, x, unit, time, ("unit", "time"))
    dummies = model.fit(cov_type="cluster", cov_kwds={"groups": province})
    np.testing.assert_allclose(
        fit.under("stata_areg").std_errors[:4], dummies.bse[:4], rtol=COEFFICIENT
    )
    assert (fit.n_clusters, fit.df_resid) == (6, 5)
    assert fit.df_counted == 4 + 7  # slopes and periods: units are nested in provinces


def test_the_constant_restores_the_mean():
    y, x, unit, time = random_panel(8)
    fit = fit_panel(y, x, unit, time, effects=("unit", "time"), names=tuple("abcd"))
    assert fit.names[-1] == "constant"
    expected = y.mean() - x.mean(axis=0) @ fit.coefficients[:-1]
    assert fit.coefficients[-1] == pytest.approx(expected, abs=COEFFICIENT)


def test_collinear_regressors_are_dropped_by_name_with_the_reason():
    y, x, unit, time = random_panel(2)
    rng = np.random.default_rng(0)
    trait = rng.normal(size=unit.max() + 1)[unit]
    season = rng.normal(size=time.max() + 1)[time]
    design = np.column_stack(
        [x[:, 0], x[:, 1], trait, season, trait + 2 * season, np.full(len(y), 3.3),
         x[:, 0] - 2 * x[:, 1] + trait, 1e6 * x[:, 2]]
    )  # fmt: skip
    names = ("did", "a", "trait", "season", "both", "flat", "mixed", "b")
    fit = fit_panel(y, design, unit, time, effects=("unit", "time"), names=names)
    assert fit.names == ("did", "a", "b", "constant")
    assert {term.name: term.reason for term in fit.dropped} == {
        "trait": "absorbed by unit effects and time effects",
        "season": "absorbed by unit effects and time effects",
        "both": "absorbed by unit effects and time effects",
        "flat": "does not vary in the sample",
        "mixed": "a linear combination of did, a and unit effects and time effects",
    }
    alone = fit_panel(
        y, design[:, [0, 1, 7]], unit, time, effects=("unit", "time"), names=("did", "a", "b")
    )
    np.testing.assert_allclose(fit.coefficients, alone.coefficients, rtol=1e-7)
    np.testing.assert_allclose(fit.std_errors, alone.std_errors, rtol=1e-7)


def test_the_first_of_two_collinear_regressors_stays():
    y, x, unit, time = random_panel(2)
    twice = np.column_stack([x[:, 1], -4 * x[:, 1] + 7])
    fit = fit_panel(y, twice, unit, time, names=("a", "b"))
    assert fit.names == ("a", "constant")
    assert fit.dropped[0].reason == "a linear combination of a"


def test_missing_values_are_dropped_and_counted_by_variable():
    y, x, unit, time = random_panel(4)
    y, x, cluster = y.copy(), x.copy(), unit.astype(float)
    y[[0, 1]] = np.nan
    x[[1, 2], 0] = np.nan
    x[3, 1] = np.inf
    cluster[5] = np.nan
    fit = fit_panel(y, x, unit, time, cluster=cluster, names=tuple("abcd"), outcome="nqpf")
    assert fit.n_dropped_missing == 5
    assert fit.missing_by_variable == {"nqpf": 2, "a": 2, "b": 1, "cluster": 1}
    kept = np.setdiff1d(np.arange(len(y)), [0, 1, 2, 3, 5])
    clean = fit_panel(y[kept], x[kept], unit[kept], time[kept], names=tuple("abcd"))
    np.testing.assert_array_equal(fit.coefficients, clean.coefficients)
    assert fit.n_obs == clean.n_obs == len(kept)


def test_singletons_are_counted_or_dropped():
    y, x, unit, time = random_panel(6)
    first = np.flatnonzero(unit == 0)
    rows = np.setdiff1d(np.arange(len(y)), first[1:])  # unit 0 keeps one row
    data = (y[rows], x[rows], unit[rows], time[rows])
    kept = fit_panel(*data, effects=("unit", "time"), names=tuple("abcd"))
    dropped = fit_panel(*data, effects=("unit", "time"), names=tuple("abcd"), drop_singletons=True)
    assert (kept.n_singletons, kept.n_dropped_singletons) == (1, 0)
    assert (dropped.n_dropped_singletons, dropped.n_obs) == (1, kept.n_obs - 1)
    assert dropped.n_clusters == kept.n_clusters - 1
    np.testing.assert_allclose(dropped.coefficients[:4], kept.coefficients[:4], atol=COEFFICIENT)


def test_singletons_are_found_in_turn():
    # Row 4 is alone in unit 2; without it, row 3 is alone in period 2.
    unit, time = np.array([0, 0, 1, 1, 2]), np.array([0, 1, 0, 2, 2])
    assert singletons((unit, time), 5).tolist() == [True] * 5  # and so on, until none is left
    assert singletons((unit,), 5).tolist() == [False, False, False, False, True]
    unit, time = np.array([0, 0, 1, 1, 2]), np.array([0, 1, 0, 1, 1])
    assert singletons((unit, time), 5).tolist() == [False] * 4 + [True]


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=14))
@settings(max_examples=100, deadline=None)
def test_connected_sets_are_the_missing_rank_of_the_dummies(pairs):
    unit = np.unique([u for u, _ in pairs], return_inverse=True)[1]
    time = np.unique([t for _, t in pairs], return_inverse=True)[1]
    dummies = np.column_stack([np.eye(unit.max() + 1)[unit], np.eye(time.max() + 1)[time]])
    assert connected_sets(unit, time) == dummies.shape[1] - np.linalg.matrix_rank(dummies)
    values = np.arange(len(pairs), dtype=float)[:, None] ** 2
    projected = dummies @ np.linalg.lstsq(dummies, values, rcond=None)[0]
    np.testing.assert_allclose(take_out(values, (unit, time)), values - projected, atol=1e-9)


def test_a_panel_in_two_pieces():
    """Cities seen only early and cities seen only late: one more effect is repeated."""
    rng = np.random.default_rng(0)
    early = [(u, t) for u in range(8) for t in range(4)]
    late = [(u, t) for u in range(8, 15) for t in range(4, 9)]
    unit, time = np.array(early + late).T
    x = rng.normal(size=(len(unit), 1))
    y = x[:, 0] + rng.normal(size=len(unit)) + unit
    fit = fit_panel(y, x, unit, time, effects=("unit", "time"), names=("x",))
    dummies = np.column_stack([x, np.eye(15)[unit], np.eye(9)[time]])
    assert fit.n_parameters == np.linalg.matrix_rank(dummies) == 1 + 15 + 9 - 2
    assert fit.coefficients[0] == pytest.approx(
        np.linalg.lstsq(dummies, y, rcond=None)[0][0], abs=COEFFICIENT
    )


def test_too_few_clusters_for_a_joint_test_give_no_f():
    y, x, unit, time = random_panel(9)
    fit = fit_panel(y, x, unit, time, cluster=unit % 3, names=tuple("abcd"))
    assert np.isnan(fit.f_statistic)
    assert np.isfinite(fit.std_errors).all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"cluster": np.zeros(60)}, "one cluster only"),
        ({"y": np.full(60, np.nan)}, "no rows to fit: 60 rows given, 60 of them"),
        ({"y": np.full(60, 2.0)}, "gdp does not vary"),
        ({"time": np.zeros(60)}, "repeat a unit and period"),
        ({"x": np.ones((60, 2))}, "no regressor is left: a does not vary in the sample; b does"),
        ({"names": ("a", "constant")}, "expected distinct names"),
        ({"names": ("a",)}, r"x has the shape \(60, 2\)"),
        ({"names": ("a", "gdp")}, "expected distinct names"),
        ({"effects": ("city",)}, "expected any of 'unit' and 'time'"),
        ({"convention": "sas"}, "unknown convention 'sas': choose one of fixest"),
        ({"unit": [None, *["u"] * 59]}, "1 rows have no unit"),
        ({"time": np.arange(59)}, "differ in length"),
    ],
)
def test_what_cannot_be_fitted_says_why(change, message):
    rng = np.random.default_rng(1)
    given_ = {
        "y": rng.normal(size=60), "x": rng.normal(size=(60, 2)), "unit": np.repeat(range(12), 5),
        "time": np.tile(range(5), 12), "names": ("a", "b"), "outcome": "gdp",
    } | change  # fmt: skip
    positional = [given_.pop(key) for key in ("y", "x", "unit", "time")]
    with pytest.raises(PanelRegressionError, match=message):
        fit_panel(*positional, **given_)


def test_no_degrees_of_freedom_left():
    rng = np.random.default_rng(1)
    unit, time = np.repeat(range(3), 2), np.tile(range(2), 3)
    with pytest.raises(PanelRegressionError, match="6 coefficients, effects included, for 6"):
        fit_panel(
            rng.normal(size=6), rng.normal(size=(6, 2)), unit, time,
            effects=("unit", "time"), names=("a", "b"),
        )  # fmt: skip


def test_an_unknown_term_lists_those_there_are():
    y, x, unit, time = random_panel(1)
    fit = fit_panel(y, x[:, :1], unit, time, names=("did",))
    assert fit.position("did") == 0
    with pytest.raises(KeyError, match="there are did, constant"):
        fit.position("gdp")


@pytest.mark.verify
def test_coverage_of_clustered_intervals():
    """With serial correlation in errors and regressor, 95 % intervals must cover in 95 %."""
    draws, n_units, n_periods = 1000, 60, 8
    rng = np.random.default_rng(2024)
    unit, time = np.repeat(range(n_units), n_periods), np.tile(range(n_periods), n_units)
    covered = 0
    for _ in range(draws):
        walk = rng.normal(size=(2, n_units, n_periods)).cumsum(axis=2)
        x, error = walk[0].reshape(-1, 1), walk[1].ravel()
        fit = fit_panel(
            0.5 * x[:, 0] + error + unit, x, unit, time, effects=("unit", "time"), names=("x",)
        )
        covered += fit.ci_low[0] <= 0.5 <= fit.ci_high[0]
    # Clustered intervals run a little short with 60 clusters; 1,000 draws have an error of 0.007.
    assert covered / draws == pytest.approx(0.95, abs=0.03)
