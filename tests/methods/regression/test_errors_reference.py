"""Errors of further kinds against other programs: stored output, linearmodels, closed forms, brute force.

`errors_reference/make.py` and `make.R` say how the stored numbers were made.
"""

from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.regression import CONVENTIONS, PanelRegressionError, fit_panel
from analysis.regression.inference import (
    conley,
    driscoll_kraay,
    great_circle,
    one_way,
    project,
    reduced,
    two_way,
    wild_test,
)
from analysis.regression.inference.kernels import default_bandwidth, lag_weights
from analysis.regression.inference.wild import POINTS, default_weights

HERE = Path(__file__).parent / "errors_reference"
EXACT = 1e-9  # relative: both sides solve the same equations in double precision
DEGREES = 1e-6  # relative, of degrees of freedom: R forms squares of matrices of all rows
P_VALUE = 1e-12  # shares of the same draws

EFFECTS = {"pooled": (), "city": ("unit",), "year": ("time",), "both": ("unit", "time")}
NAMES = ("did", "control")


@pytest.fixture(scope="module")
def panel():
    return pd.read_csv(HERE / "panel.csv")


@pytest.fixture(scope="module")
def expected():
    return pd.read_csv(HERE / "expected.csv", skipinitialspace=True)


def arrays_of(panel, effects):
    return {
        "y": panel["y"].to_numpy(),
        "x": panel[list(NAMES)].to_numpy(dtype=float),
        "unit": panel["city"].to_numpy(),
        "time": panel["year"].to_numpy(),
        "effects": EFFECTS[effects],
        "names": NAMES,
    }


def projected_of(panel, effects, **changes):
    arrays = arrays_of(panel, effects) | changes
    return project(fit_panel(**arrays), **arrays)


def by(projected, panel, key):
    return projected.groups(panel[key].to_numpy(), key)


# --- the fit -------------------------------------------------------------------------------------


@pytest.mark.parametrize("effects", EFFECTS)
@pytest.mark.parametrize("convention", CONVENTIONS)
def test_one_way_is_the_error_of_the_fit_in_every_convention(panel, effects, convention):
    for key in ("city", "province"):
        fit = fit_panel(
            **arrays_of(panel, effects), cluster=panel[key].to_numpy(), convention=convention
        )
        p = projected_of(panel, effects)
        made = one_way(p, by(p, panel, key), convention=convention)
        for name in ("coefficients", "std_errors", "t_values", "ci_low", "ci_high", "p_values"):
            np.testing.assert_allclose(
                getattr(made, name), getattr(fit, name)[:-1], rtol=1e-8, err_msg=name
            )


# --- clubSandwich --------------------------------------------------------------------------------


NESTED = {("city", "city"), ("city", "province"), ("year", "year")} | {
    ("both", key) for key in ("city", "province", "year")
}
"""Effects and clusters for which clubSandwich has no CR3: its matrices have no plain inverse."""


@pytest.mark.parametrize(
    ("effects", "key", "kind"),
    [
        each
        for each in product(EFFECTS, ("city", "province", "year"), ("cr2", "cr3"))
        if each[2] == "cr2" or each[:2] not in NESTED
    ],
)
def test_reduced_errors_and_degrees_of_freedom_are_those_of_clubsandwich(
    panel, expected, effects, key, kind
):
    stored = expected[
        (expected["effects"] == effects)
        & (expected["kind"] == kind.upper())
        & (expected["key"] == key)
    ].set_index("term")
    p = projected_of(panel, effects)
    made = reduced(p, by(p, panel, key), kind)
    for j, name in enumerate(NAMES):
        assert made.std_errors[j] == pytest.approx(stored.loc[name, "std_error"], rel=EXACT)
        assert made.df[j] == pytest.approx(stored.loc[name, "df"], rel=DEGREES)
        assert made.p_values[j] == pytest.approx(stored.loc[name, "p"], rel=DEGREES)


@pytest.mark.parametrize("effects", EFFECTS)
@pytest.mark.parametrize("key", ["city", "province"])
def test_cr3_is_the_jackknife_over_clusters(panel, effects, key):
    """Each cluster left out in turn, its effects with it (MacKinnon, Nielsen and Webb 2023, CV3)."""
    p = projected_of(panel, effects)
    made = reduced(p, by(p, panel, key), "cr3", convention="jackknife")
    moved = []
    for one in panel[key].unique():
        rest = panel[panel[key] != one]
        moved.append(fit_panel(**arrays_of(rest, effects)).coefficients[:-1] - p.coefficients)
    n = len(moved)
    by_hand = np.sqrt((n - 1) / n * np.square(moved).sum(axis=0))
    np.testing.assert_allclose(made.std_errors, by_hand, rtol=EXACT)
    assert (made.df == n - 1).all()


def test_a_basis_with_all_effects_in_it_gives_the_same_reduced_error(panel):
    """Leaving nested effects out of the adjustment is exact (Pustejovsky and Tipton 2018, theorem 2)."""
    p = projected_of(panel, "both")
    groups = by(p, panel, "province")
    short = reduced(p, groups, "cr2")
    p._bases[(0,)] = p._basis_without(-1)
    full = reduced(p, groups, "cr2")
    np.testing.assert_allclose(full.std_errors, short.std_errors, rtol=EXACT)
    np.testing.assert_allclose(full.df, short.df, rtol=DEGREES)


def test_weights_are_rows_times_their_root(panel):
    """A pooled fit with weights is one without, of rows multiplied by the root of the weights."""
    weights = 0.5 + panel["city"].to_numpy() % 3
    arrays = arrays_of(panel, "both") | {"weights": weights}
    for effects in EFFECTS.values():
        given = arrays | {"effects": effects}
        fit = fit_panel(**given, cluster=panel["province"].to_numpy())
        p = project(fit, **given)
        groups = by(p, panel, "province")
        np.testing.assert_allclose(one_way(p, groups).std_errors, fit.std_errors[:-1], rtol=1e-8)
        q = p.basis(groups)
        np.testing.assert_allclose(q.T @ q, np.eye(q.shape[1]), atol=1e-9)
        np.testing.assert_allclose(q.T @ p.residuals, 0, atol=1e-9)
    left_out = []
    for one in panel["province"].unique():
        rest = (panel["province"] != one).to_numpy()
        less = arrays_of(panel[rest], "both") | {"weights": weights[rest]}
        left_out.append(fit_panel(**less).coefficients[:-1] - fit.coefficients[:-1])
    made = reduced(p, groups, "cr3")
    np.testing.assert_allclose(made.std_errors, np.sqrt(np.square(left_out).sum(axis=0)), rtol=1e-8)


# --- two ways ------------------------------------------------------------------------------------


@pytest.mark.parametrize("effects", EFFECTS)
def test_two_ways_are_those_of_sandwich(panel, expected, effects):
    stored = expected[(expected["effects"] == effects) & (expected["kind"] == "two_way")]
    p = projected_of(panel, effects)
    first, second = by(p, panel, "city"), by(p, panel, "year")
    raw = two_way(p, first, second, convention="uncorrected")
    assert not raw.is_mended
    # sandwich puts G/(G-1) on each of the three, and nothing for the parameters
    parts = [one_way(p, g, convention="uncorrected").covariance for g in (first, second)]
    both = one_way(p, p.groups(np.arange(len(panel)), "row"), convention="uncorrected").covariance
    factors = [n / (n - 1) for n in (first.n, second.n, len(panel))]
    total = factors[0] * parts[0] + factors[1] * parts[1] - factors[2] * both
    np.testing.assert_allclose(np.sqrt(np.diag(total)), stored["std_error"], rtol=EXACT)
    np.testing.assert_allclose(parts[0] + parts[1] - both, raw.covariance, rtol=EXACT)


def counted_effects(effects, n_obs):
    """N/(N - effects): linearmodels counts effects also where it is told not to correct."""
    return n_obs / (n_obs - {"pooled": 0, "city": 23, "both": 30}[effects])


@pytest.mark.parametrize("effects", ["pooled", "city", "both"])
def test_two_ways_are_those_of_linearmodels(panel, effects):
    from linearmodels.panel import PanelOLS

    data = panel.set_index(["city", "year"])
    x = data[list(NAMES)].astype(float).assign(constant=1.0)
    model = PanelOLS(
        data["y"], x, entity_effects=effects in ("city", "both"), time_effects=effects == "both"
    )
    fit = model.fit(cov_type="clustered", clusters=data[["province"]].assign(when=panel["year"].to_numpy()),
                    group_debias=False, debiased=False)  # fmt: skip
    p = projected_of(panel, effects)
    made = two_way(p, by(p, panel, "province"), by(p, panel, "year"), convention="uncorrected")
    errors = made.std_errors * np.sqrt(counted_effects(effects, len(panel)))
    np.testing.assert_allclose(errors, fit.std_errors[list(NAMES)], rtol=1e-7)


def test_a_two_way_covariance_with_negative_eigenvalues_is_mended_whatever_the_units():
    rng = np.random.default_rng(3)
    unit, time = np.repeat(np.arange(6), 5), np.tile(np.arange(5), 6)
    found = []
    for _ in range(40):
        x, y = rng.normal(size=(30, 3)), rng.normal(size=30)
        made = []
        for scale in (1.0, 1e6):
            arrays = {"y": y, "x": x * [scale, 1, 1], "unit": unit, "time": time, "effects": (),
                      "names": ("a", "b", "c")}  # fmt: skip
            p = project(fit_panel(**arrays), **arrays)
            made.append(two_way(p, p.units, p.times))
        assert made[0].is_mended == made[1].is_mended
        np.testing.assert_allclose(
            made[0].std_errors, made[1].std_errors * [1e6, 1, 1], rtol=1e-6, equal_nan=True
        )
        assert np.linalg.eigvalsh(made[0].covariance)[0] >= -1e-12
        found.append(made[0].is_mended)
    assert 0 < sum(found) < 40


def test_each_sandwich_may_have_its_own_factor(panel):
    p = projected_of(panel, "pooled")
    first, second = by(p, panel, "city"), by(p, panel, "year")
    both = p.groups(np.arange(len(panel)), "row")
    parts = [one_way(p, g, convention="uncorrected").covariance for g in (first, second, both)]
    rows = (len(panel) - 1) / (len(panel) - 3)  # two slopes and the constant
    for factor_of, sizes in (("fewer", (8, 8, 8)), ("each", (24, 8, len(panel)))):
        made = two_way(p, first, second, factor_of=factor_of)
        total = sum(
            sign * n / (n - 1) * rows * part
            for sign, n, part in zip((1, 1, -1), sizes, parts, strict=True)
        )
        np.testing.assert_allclose(made.covariance, total, rtol=1e-9)
        assert made.n_groups == 8 and (made.df == 7).all()


# --- Driscoll and Kraay --------------------------------------------------------------------------


@pytest.mark.parametrize("effects", EFFECTS)
@pytest.mark.parametrize("lag", [0, 2])
def test_driscoll_kraay_is_that_of_sandwich_and_plm(panel, expected, effects, lag):
    stored = expected[
        (expected["effects"] == effects)
        & expected["kind"].str.startswith("driscoll")
        & (expected["key"] == str(lag))
    ]
    made = driscoll_kraay(projected_of(panel, effects), bandwidth=lag, convention="uncorrected")
    for term, error in zip(stored["term"], stored["std_error"], strict=True):
        assert made.std_errors[NAMES.index(term)] == pytest.approx(error, rel=1e-8)
    assert len(stored) == (4 if effects == "both" and lag == 2 else 2)


@pytest.mark.parametrize("effects", ["pooled", "city", "both"])
@pytest.mark.parametrize("kernel", ["bartlett", "parzen"])
@pytest.mark.parametrize("convention", ["linearmodels", "uncorrected"])
def test_driscoll_kraay_is_that_of_linearmodels(panel, effects, kernel, convention):
    from linearmodels.panel import PanelOLS

    data = panel.set_index(["city", "year"])
    x = data[list(NAMES)].astype(float).assign(constant=1.0)
    model = PanelOLS(
        data["y"], x, entity_effects=effects in ("city", "both"), time_effects=effects == "both"
    )
    fit = model.fit(
        cov_type="kernel", kernel=kernel, bandwidth=3, debiased=convention == "linearmodels"
    )
    made = driscoll_kraay(projected_of(panel, effects), kernel, 3, convention)
    rest = 1.0 if convention == "linearmodels" else counted_effects(effects, len(panel))
    errors = made.std_errors * np.sqrt(rest)
    np.testing.assert_allclose(errors, fit.std_errors[list(NAMES)], rtol=1e-7)


def test_castle_by_driscoll_kraay_as_stored_in_three_conventions(shared_dir):
    """sandwich::vcovPL and linearmodels .016396 and .015460, pyfixest .017180, two lags."""
    castle = pd.read_csv(shared_dir / "reference" / "castle.csv")
    arrays = {
        "y": np.log(castle["homicide"]) if "l_homicide" not in castle else castle["l_homicide"],
        "x": castle[["post"]].to_numpy(dtype=float),
        "unit": castle["state"] if "state" in castle else castle["sid"],
        "time": castle["year"],
        "effects": ("unit", "time"),
        "names": ("post",),
    }
    p = project(fit_panel(**arrays), **arrays)
    found = {
        c: round(float(driscoll_kraay(p, bandwidth=2, convention=c).std_errors[0]), 6)
        for c in ("linearmodels", "uncorrected", "stata_areg")
    }
    assert found == {"linearmodels": 0.016396, "uncorrected": 0.01546, "stata_areg": 0.01718}


def test_a_bandwidth_of_none_is_the_rule_of_newey_and_west(panel):
    assert [default_bandwidth(t) for t in (8, 14, 100)] == [2, 2, 4]
    p = projected_of(panel, "both")
    assert driscoll_kraay(p).std_errors == pytest.approx(driscoll_kraay(p, bandwidth=2).std_errors)
    assert lag_weights("uniform", 2).tolist() == [1, 1, 1]
    with pytest.raises(PanelRegressionError, match="8 lags for 8 periods"):
        driscoll_kraay(p, bandwidth=8)


# --- Conley --------------------------------------------------------------------------------------


def test_distances_are_those_of_the_sphere():
    """A quarter of the Earth's circumference; Beijing to Shanghai 1,068 km."""
    found = great_circle(np.array([0.0, 90.0, 0.0]), np.array([0.0, 0.0, 90.0]))
    assert found == pytest.approx((1 - np.eye(3)) * 6371.0088 * np.pi / 2)
    cities = great_circle(np.array([116.41, 121.47]), np.array([39.90, 31.23]))
    assert cities[0, 1] == pytest.approx(1068, abs=2)


def by_hand_conley(p, panel, kernel, cutoff, pairs, lags):
    """The double sum over all pairs of rows."""
    rows = panel.iloc[p.order]
    lon, lat = np.radians(rows["longitude"].to_numpy()), np.radians(rows["latitude"].to_numpy())
    city, year = rows["city"].to_numpy(), rows["year"].to_numpy()
    scores = p.weights * p.residuals[:, None]
    total = np.zeros((2, 2))
    for i, j in product(range(len(rows)), repeat=2):
        cosine = np.sin(lat[i]) * np.sin(lat[j]) + np.cos(lat[i]) * np.cos(lat[j]) * np.cos(
            lon[i] - lon[j]
        )
        d = 0.0 if city[i] == city[j] else 6371.0088 * np.arccos(np.clip(cosine, -1, 1))
        near = float(d <= cutoff) if kernel == "uniform" else max(0.0, 1 - d / cutoff)
        if pairs == "same_year" and year[i] != year[j]:
            gap = abs(year[i] - year[j])
            near = max(0.0, 1 - gap / (lags + 1)) if city[i] == city[j] else 0.0
        total += near * np.outer(scores[i], scores[j])
    return np.sqrt(np.diag(total))


@pytest.mark.parametrize("kernel", ["uniform", "bartlett"])
@pytest.mark.parametrize(("pairs", "lags"), [("all_years", 0), ("same_year", 0), ("same_year", 3)])
@pytest.mark.parametrize("effects", ["pooled", "both"])
def test_conley_is_the_double_sum_over_pairs(panel, kernel, pairs, lags, effects):
    p = projected_of(panel, effects)
    made = conley(
        p, panel["longitude"].to_numpy(), panel["latitude"].to_numpy(), cutoff_km=500,
        kernel=kernel, pairs=pairs, lags=lags, convention="uncorrected",
    )  # fmt: skip
    assert not made.is_mended
    np.testing.assert_allclose(
        made.std_errors, by_hand_conley(p, panel, kernel, 500, pairs, lags), rtol=1e-7
    )


@pytest.mark.parametrize("effects", ["pooled", "both"])
def test_conley_is_that_of_pysal(panel, effects):
    stored = pd.read_csv(HERE / "conley.csv").set_index("effects").loc[effects]
    where = panel["longitude"].to_numpy(), panel["latitude"].to_numpy()
    made = conley(
        projected_of(panel, effects), *where, cutoff_km=500, kernel="bartlett", pairs="all_years",
        convention="uncorrected",
    )  # fmt: skip
    np.testing.assert_allclose(made.std_errors, stored[list(NAMES)].astype(float), rtol=1e-7)


@pytest.mark.parametrize("effects", EFFECTS)
def test_conley_has_clusters_at_both_ends(panel, effects):
    """A cut-off shorter than any distance: clusters of cities. One place a province: its clusters."""
    p = projected_of(panel, effects)
    where = panel["longitude"].to_numpy(), panel["latitude"].to_numpy()
    cities = one_way(p, by(p, panel, "city"))
    assert conley(p, *where, cutoff_km=0.001).std_errors == pytest.approx(cities.std_errors)
    assert conley(p, *where, cutoff_km=0.001).df == pytest.approx(cities.df)
    same = panel["province"].to_numpy() * 10.0, panel["province"].to_numpy() * 0.0
    raw = {"convention": "uncorrected"}
    assert conley(p, *same, cutoff_km=1, **raw).std_errors == pytest.approx(
        one_way(p, by(p, panel, "province"), **raw).std_errors
    )


def test_coordinates_that_are_missing_or_move_are_refused_by_name(panel):
    p = projected_of(panel, "both")
    lon, lat = panel["longitude"].to_numpy().copy(), panel["latitude"].to_numpy()
    lon[panel["city"] == 7] = np.nan
    with pytest.raises(PanelRegressionError, match=r"1 cities have no coordinates \(7\)"):
        conley(p, lon, lat, cutoff_km=100)
    lon[panel["city"] == 7] = np.arange((panel["city"] == 7).sum())
    with pytest.raises(PanelRegressionError, match="coordinates of 7 change"):
        conley(p, lon, lat, cutoff_km=100)
    with pytest.raises(PanelRegressionError, match="in degrees"):
        conley(p, lat * 0 + 500, lat, cutoff_km=100)


# --- wild bootstrap ------------------------------------------------------------------------------


def refitted(panel, effects, key, vectors, null=0.0):
    """|t*| of each draw by fitting it: restricted residuals times the weights of their clusters."""
    arrays = arrays_of(panel, effects)
    restricted = fit_panel(
        **(arrays | {"y": arrays["y"] - null * panel["did"], "x": arrays["x"][:, 1:],
                     "names": NAMES[1:]})
    )  # fmt: skip
    codes = np.unique(panel[key], return_inverse=True)[1]
    y0 = arrays["y"] - null * panel["did"].to_numpy()
    p = project(
        restricted,
        **(arrays | {"y": y0, "x": arrays["x"][:, 1:], "names": NAMES[1:]}),
    )
    residual = np.empty(len(panel))
    residual[p.order] = p.residuals
    found = []
    for v in vectors:
        fit = fit_panel(
            **(arrays | {"y": residual * v[codes]}), cluster=panel[key].to_numpy(),
            convention="uncorrected",
        )  # fmt: skip
        found.append(abs(fit.coefficients[0] / fit.std_errors[0]))
    return np.array(found)


@pytest.mark.parametrize("effects", ["pooled", "city", "both"])
def test_enumerated_signs_are_those_of_wildboottest_and_of_refits(panel, effects):
    """wildboottest counts draws beyond the true t, so that the data's own signs and their opposite,
    which are as large, are in its count or not as rounding has it: 2 of 64."""
    from analysis.regression.inference.wild import _enumerated

    stored = pd.read_csv(HERE / "wild.csv").set_index("effects").loc[effects]
    p = projected_of(panel, effects)
    groups = by(p, panel, "province")
    made = wild_test(p, groups, "did", n_draws=9999, seed=1, weights="rademacher")
    assert made.is_enumerated and made.n_draws == 64 and made.mc_error == 0
    sizes = refitted(panel, effects, "province", np.concatenate(list(_enumerated(6))))
    assert made.p_value == (sizes >= sizes[0] * (1 - 1e-9)).mean()
    assert min(abs(made.p_value - stored["p"] - ties) for ties in (0, 2 / 64)) < P_VALUE
    factor = one_way(p, groups).covariance[0, 0] / (made.coefficient / made.t_value) ** 2
    with_factor = wild_test(p, groups, "did", n_draws=64, seed=1, factor=factor)
    assert with_factor.t_value == pytest.approx(one_way(p, groups).t_values[0])


@pytest.mark.parametrize("kind", ["rademacher", "webb"])
@pytest.mark.parametrize(
    ("effects", "key"), [("both", "city"), ("city", "province"), ("year", "year")]
)
def test_every_draw_is_what_fitting_it_gives(panel, kind, effects, key):
    from analysis.regression.inference.wild import _drawn, _draws

    p = projected_of(panel, effects)
    groups = by(p, panel, key)
    vectors = np.concatenate(list(_drawn(groups.n, kind, 12, 5)))
    draws = _draws(p, groups, 0, iter([vectors]))
    for null in (0.0, 0.7):
        made = draws.sizes(p.coefficients[0] - null)
        np.testing.assert_allclose(made, refitted(panel, effects, key, vectors, null), rtol=1e-6)


def test_the_interval_holds_what_the_test_does_not_reject(panel):
    p = projected_of(panel, "both")
    groups = by(p, panel, "city")
    made = wild_test(p, groups, "did", n_draws=999, seed=2)
    inner = (made.ci_high - made.ci_low) * 1e-4
    for end, inside in ((made.ci_low, 1), (made.ci_high, -1)):
        at = [
            wild_test(p, groups, "did", n_draws=999, seed=2, null=end + step * inside).p_value
            for step in (inner, -inner)
        ]
        assert at[0] > 0.05 >= at[1]


def test_webb_has_six_points_of_mean_zero_and_variance_one():
    points = POINTS["webb"]
    assert len(points) == 6
    assert points.mean() == pytest.approx(0, abs=1e-15)
    assert np.square(points).mean() == pytest.approx(1)
    assert default_weights(11) == "webb" and default_weights(12) == "rademacher"


def test_a_drawn_p_counts_the_data_among_the_draws(panel):
    p = projected_of(panel, "both")
    made = wild_test(p, by(p, panel, "city"), "control", n_draws=199, seed=1)
    assert not made.is_enumerated and made.n_draws == 199
    assert made.p_value == (made.n_as_large + 1) / 200
    assert made.mc_error > 0


def test_a_test_that_can_not_reject_has_no_interval():
    """Four clusters have 16 sets of signs: no p below 2/16, and no slope is outside."""
    rng = np.random.default_rng(1)
    unit, time = np.repeat(np.arange(4), 8), np.tile(np.arange(8), 4)
    arrays = {"y": rng.normal(size=32), "x": rng.normal(size=(32, 1)), "unit": unit, "time": time,
              "effects": (), "names": ("x",)}  # fmt: skip
    p = project(fit_panel(**arrays), **arrays)
    made = wild_test(p, p.units, "x", n_draws=999, seed=1, weights="rademacher")
    assert made.n_draws == 16 and made.p_value >= 2 / 16
    assert made.ci_low == -np.inf and made.ci_high == np.inf


def test_one_treated_cluster_of_twelve_is_not_believed():
    """t alone rejects at any level; signs of the one treated cluster make the draws as large."""
    rng = np.random.default_rng(1)
    unit, time = np.repeat(np.arange(12), 6), np.tile(np.arange(6), 12)
    did = ((unit == 0) & (time > 2)).astype(float)
    arrays = {"y": rng.normal(size=72), "x": did[:, None], "unit": unit, "time": time,
              "effects": ("unit", "time"), "names": ("did",)}  # fmt: skip
    p = project(fit_panel(**arrays), **arrays)
    assert one_way(p, p.units).p_values[0] < 0.01
    assert wild_test(p, p.units, "did", n_draws=999, seed=1).p_value > 0.2


# --- what can't be done --------------------------------------------------------------------------


def test_one_cluster_and_one_period_are_refused_by_name(panel):
    p = projected_of(panel, "pooled")
    alone = p.groups(np.full(len(panel), "here"), "province")
    for call in (
        lambda: one_way(p, alone, "province"),
        lambda: two_way(p, p.units, alone, ("city", "province")),
        lambda: reduced(p, alone, "cr2", "province"),
        lambda: wild_test(p, alone, "did", n_draws=99, seed=1, what="province"),
    ):
        with pytest.raises(PanelRegressionError, match=r"one cluster only by province \(here\)"):
            call()
    once = panel[panel["year"] == 4]
    with pytest.raises(PanelRegressionError, match=r"one period only \(4\)"):
        driscoll_kraay(projected_of(once, "pooled"))
    with pytest.raises(PanelRegressionError, match="1 rows have no province"):
        p.groups(["a"] * (len(panel) - 1) + [None], "province")


def test_years_of_each_province_are_effects_and_trends_are_refused(panel):
    """Effects of province and year: the clustered error is that of the fit, CR3 leaves provinces out."""
    given = arrays_of(panel, "both") | {"time_by": panel["province"].to_numpy()}
    fit = fit_panel(**given, cluster=panel["province"].to_numpy())
    p = project(fit, **given)
    groups = by(p, panel, "province")
    np.testing.assert_allclose(one_way(p, groups).std_errors, fit.std_errors[:-1], rtol=1e-8)
    left_out = []
    for one in panel["province"].unique():
        rest = panel[panel["province"] != one]
        less = arrays_of(rest, "both") | {"time_by": rest["province"].to_numpy()}
        left_out.append(fit_panel(**less).coefficients[:-1] - fit.coefficients[:-1])
    made = reduced(p, groups, "cr3")
    np.testing.assert_allclose(made.std_errors, np.sqrt(np.square(left_out).sum(axis=0)), rtol=1e-8)
    with_trends = arrays_of(panel, "both") | {"trends": True}
    with pytest.raises(PanelRegressionError, match="trends of units has no further errors"):
        project(fit_panel(**with_trends), **with_trends)


def test_a_singleton_cluster_changes_no_two_way_or_reduced_slope_into_nothing(panel):
    """A city of one row, which its effect fits: it adds nothing, and no division by 0."""
    row = panel.iloc[[0]].assign(city=99, province=99)
    with_it = pd.concat([panel, row])
    p, q = projected_of(panel, "both"), projected_of(with_it, "both")
    for kind in ("cr2", "cr3"):
        before = reduced(p, by(p, panel, "city"), kind)
        after = reduced(q, by(q, with_it, "city"), kind)
        np.testing.assert_allclose(after.std_errors, before.std_errors, rtol=1e-9)
        np.testing.assert_allclose(after.df, before.df, rtol=1e-6)


# --- sameness ------------------------------------------------------------------------------------


def test_the_order_of_rows_changes_no_bit(panel):
    mixed = panel.sample(frac=1, random_state=3)
    made = []
    for rows in (panel, mixed):
        p = projected_of(rows, "both")
        where = rows["longitude"].to_numpy(), rows["latitude"].to_numpy()
        wild = wild_test(p, by(p, rows, "province"), "did", n_draws=399, seed=4, weights="webb")
        made.append(
            [
                one_way(p, by(p, rows, "province")).std_errors.tolist(),
                two_way(p, by(p, rows, "province"), p.times).std_errors.tolist(),
                reduced(p, by(p, rows, "province"), "cr2").df.tolist(),
                driscoll_kraay(p).std_errors.tolist(),
                conley(p, *where, cutoff_km=300).std_errors.tolist(),
                (wild.p_value, wild.ci_low, wild.ci_high),
            ]
        )
    assert made[0] == made[1]
