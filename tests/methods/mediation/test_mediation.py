"""Mediation: paths and Sobel's error against stored results, the bootstrap against a plain loop."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from hypothesis import given, settings
from hypothesis import strategies as st
from study_results import estimate_study, own_tables

from analysis.methods.mediation.equations import block_of
from analysis.methods.mediation.numbers import fit_mediation, sobel_error
from analysis.methods.mediation.tables import TABLES
from analysis.regression.panel import PanelRegressionError, fit_panel
from analysis.studies import load_studies, parse_study

SOLVERS = 1e-8  # two exact algorithms on data of order one


def toy_panel(seed: int = 0, n_cities: int = 30, n_years: int = 8) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    city, year = np.repeat(np.arange(n_cities), n_years), np.tile(np.arange(n_years), n_cities)
    did = (year >= rng.choice([3, 4, 99], n_cities)[city]).astype(int)
    x = rng.normal(size=len(city))
    level = rng.normal(size=n_cities)[city]
    m = 0.5 * did + 0.3 * x + level + 0.1 * year + rng.normal(size=len(city))
    y = 0.2 * did + 0.8 * m - 0.4 * x + level + 0.2 * year + rng.normal(size=len(city))
    panel = pd.DataFrame({"city": city, "year": year, "did": did, "x": x, "m": m, "y": y})
    return panel.drop(index=panel.index[::29]).reset_index(drop=True)


def fit(data: pd.DataFrame, effects=("unit", "time"), n_draws=200, seed=5, cluster="city"):
    return fit_mediation(
        data.y, data.m, data.did, data[["x"]], data.city, data.year, effects=effects,
        cluster=data[cluster], control_names=("x",), n_draws=n_draws, seed=seed,
    )  # fmt: skip


def test_jobs_agrees_with_the_mediation_package(shared_dir):
    """JOBS II: indirect effect and Sobel's error as R's mediation 4.5.1 and its users print them."""
    reference = pd.read_csv(shared_dir / "reference" / "expected.csv").query(
        "method == 'mediation'"
    )
    expected = reference.set_index("quantity").value.astype(float)
    data = pd.read_csv(shared_dir / "reference" / "mediation_jobs.csv")
    covariates = ["econ_hard", "sex", "age"]
    found = fit_mediation(
        data.depress2, data.job_seek, data.treat, data[covariates], np.arange(len(data)),
        np.zeros(len(data)), control_names=tuple(covariates), n_draws=4000, seed=1,
    )  # fmt: skip
    assert found.indirect == pytest.approx(expected["indirect"], abs=1e-8)
    assert found.paths[0].a == pytest.approx(0.06561500, abs=5e-9)
    assert found.paths[0].b == pytest.approx(-0.23995500, abs=5e-8)
    assert found.total == pytest.approx(-0.05600935, abs=5e-9)
    # Sobel's error of the reference takes errors that assume equal variances.
    first = smf.ols("job_seek ~ treat + econ_hard + sex + age", data).fit()
    second = smf.ols("depress2 ~ treat + job_seek + econ_hard + sex + age", data).fit()
    sobel = sobel_error(
        found.paths[0].a, first.bse["treat"], found.paths[0].b, second.bse["job_seek"]
    )
    assert sobel == pytest.approx(expected["sobel_se"], abs=1e-8)
    assert found.indirect / sobel == pytest.approx(-1.260665, abs=1e-6)
    # "about [-.041 .007]": percentiles of another generator's draws, two digits printed.
    assert (found.ci_low, found.ci_high) == pytest.approx((-0.041, 0.0075), abs=0.002)


def test_paths_are_those_of_two_regressions_and_add_up():
    data = toy_panel()
    found = fit(data)
    dummies = "C(city) + C(year)"
    first = smf.ols(f"m ~ did + x + {dummies}", data).fit()
    second = smf.ols(f"y ~ did + m + x + {dummies}", data).fit()
    whole = smf.ols(f"y ~ did + x + {dummies}", data).fit()
    assert found.paths[0].a == pytest.approx(first.params["did"], abs=SOLVERS)
    assert found.paths[0].b == pytest.approx(second.params["m"], abs=SOLVERS)
    assert found.direct == pytest.approx(second.params["did"], abs=SOLVERS)
    assert found.total == pytest.approx(whole.params["did"], abs=SOLVERS)
    assert found.indirect == pytest.approx(found.paths[0].a * found.paths[0].b)
    assert found.share == pytest.approx(found.indirect / whole.params["did"])
    assert found.paths[0].sobel_se == pytest.approx(
        np.sqrt(
            found.paths[0].a ** 2 * found.paths[0].b_se ** 2
            + found.paths[0].b ** 2 * found.paths[0].a_se ** 2
        )
    )
    assert found.ci_low < found.indirect < found.ci_high


@pytest.mark.parametrize("effects", [("unit", "time"), ("unit",), ("time",), ()])
def test_draws_are_those_of_a_plain_loop_over_resampled_cities(effects):
    """Each draw written out: cities copied row by row, a copy being a city of its own."""
    data = toy_panel(1, n_cities=14)
    n_draws, seed = 25, 8
    found = fit(data, effects=effects, n_draws=n_draws, seed=seed)
    parts = [part for _, part in data.groupby("city")]
    picked = np.random.default_rng(seed).integers(0, len(parts), size=(n_draws, len(parts)))
    expected = []
    for draw in picked:
        rows = pd.concat([parts[c].assign(city=k) for k, c in enumerate(draw)], ignore_index=True)
        keys = {"effects": effects}
        try:
            a = fit_panel(rows.m, rows[["did", "x"]], rows.city, rows.year,
                          names=("did", "x"), **keys)  # fmt: skip
            b = fit_panel(rows.y, rows[["did", "m", "x"]], rows.city, rows.year,
                          names=("did", "m", "x"), **keys)  # fmt: skip
        except PanelRegressionError:
            continue
        if {term.name for term in (*a.dropped, *b.dropped)} & {"did", "m"}:
            continue
        expected.append(a.coefficients[0] * b.coefficients[1])
    assert found.n_draws_used == len(expected) > n_draws / 2
    np.testing.assert_allclose(found.paths[0].draws, expected, atol=SOLVERS)
    low, high = np.quantile(expected, [0.025, 0.975])
    assert (found.ci_low, found.ci_high) == pytest.approx((low, high), abs=SOLVERS)


def test_clusters_that_hold_several_cities_are_drawn_whole():
    data = toy_panel(2).assign(province=lambda d: d.city // 3)
    wide = fit(data, cluster="province", n_draws=30, seed=3)
    parts = [part for _, part in data.groupby("province")]
    picked = np.random.default_rng(3).integers(0, len(parts), size=(30, len(parts)))
    draw = pd.concat(
        [parts[c].assign(city=parts[c].city + 100 * k) for k, c in enumerate(picked[0])],
        ignore_index=True,
    )
    once = fit(draw, n_draws=2, seed=0)
    assert wide.paths[0].draws[0] == pytest.approx(once.indirect, abs=SOLVERS)
    with pytest.raises(PanelRegressionError, match="a unit lies in two clusters"):
        fit(data.assign(province=data.year % 2), cluster="province")


@given(scale=st.floats(0.001, 1000), shift=st.floats(-100, 100))
@settings(max_examples=15, deadline=None)
def test_the_mediator_s_unit_changes_nothing_but_a_and_b(scale, shift):
    data = toy_panel(4, n_cities=16)
    base = fit(data, n_draws=20)
    other = fit(data.assign(m=scale * data.m + shift), n_draws=20)
    assert other.paths[0].a == pytest.approx(scale * base.paths[0].a, rel=1e-7)
    assert other.paths[0].b == pytest.approx(base.paths[0].b / scale, rel=1e-7)
    np.testing.assert_allclose(other.paths[0].draws, base.paths[0].draws, rtol=1e-6, atol=1e-9)


def test_the_same_seed_gives_the_same_draws():
    data = toy_panel()
    np.testing.assert_array_equal(fit(data).paths[0].draws, fit(data).paths[0].draws)
    assert (fit(data, seed=6).paths[0].draws != fit(data).paths[0].draws).any()


def test_too_few_treated_clusters_are_refused():
    data = toy_panel(5)
    data["did"] = ((data.city == 0) & (data.year >= 4)).astype(int)
    # One treated city of 30: (1 - 1/30)^30, over a third of all draws, are without it.
    found = fit(data, n_draws=400)
    lost = 1 - found.n_draws_used / 400
    assert lost == pytest.approx((1 - 1 / 30) ** 30, abs=0.08)
    # A control that only city 1 tells from the policy: three draws of five lack one of the two.
    twin = data.assign(x=data.did + data.x * (data.city == 1))
    with pytest.raises(
        PanelRegressionError, match="of 200 bootstrap draws leave the treatment no variation"
    ):
        fit(twin, n_draws=200)
    with pytest.raises(PanelRegressionError, match="without missing values"):
        fit(data.assign(m=data.m.where(data.index > 3)))


def two_mediators(seed: int, n_cities: int = 30) -> pd.DataFrame:
    """The toy panel with a second mediator that goes along with the first."""
    data = toy_panel(seed, n_cities=n_cities)
    rng = np.random.default_rng(seed + 1)
    data["w"] = -0.7 * data.did + 0.4 * data.m + rng.normal(size=len(data))
    data["y"] += 0.5 * data.w
    return data


def parallel(data: pd.DataFrame, effects=("unit", "time"), n_draws=200, seed=5):
    return fit_mediation(
        data.y, data[["m", "w"]], data.did, data[["x"]], data.city, data.year, effects=effects,
        control_names=("x",), n_draws=n_draws, seed=seed,
    )  # fmt: skip


def test_parallel_paths_are_those_of_regressions_with_all_mediators_and_add_up():
    data = two_mediators(2)
    found = parallel(data)
    dummies = "x + C(city) + C(year)"
    second = smf.ols(f"y ~ did + m + w + {dummies}", data).fit()
    whole = smf.ols(f"y ~ did + {dummies}", data).fit()
    paths = []
    for name, path in zip(("m", "w"), found.paths, strict=True):
        first = smf.ols(f"{name} ~ did + {dummies}", data).fit()
        assert path.a == pytest.approx(first.params["did"], abs=SOLVERS)
        assert path.b == pytest.approx(second.params[name], abs=SOLVERS)
        paths.append(first.params["did"] * second.params[name])
        assert path.indirect == pytest.approx(paths[-1], abs=SOLVERS)
        assert path.ci_low < path.indirect < path.ci_high
    assert found.direct == pytest.approx(second.params["did"], abs=SOLVERS)
    assert found.indirect == pytest.approx(sum(paths), abs=SOLVERS)
    assert found.total == pytest.approx(whole.params["did"], abs=SOLVERS)
    # Alone the first mediator takes some of what the second carries.
    assert fit(data).indirect != pytest.approx(found.paths[0].indirect, abs=0.01)
    sums = found.paths[0].draws + found.paths[1].draws
    low, high = np.quantile(sums, [0.025, 0.975])
    assert (found.ci_low, found.ci_high) == pytest.approx((low, high), abs=SOLVERS)
    assert found.bootstrap_se == pytest.approx(sums.std(ddof=1))


def test_jobs_in_parallel_adds_up_to_the_same_total(shared_dir):
    """JOBS II with two mediators: closed form by statsmodels, and the total of the reference."""
    data = pd.read_csv(shared_dir / "reference" / "mediation_jobs.csv")
    covariates = ["econ_hard", "sex", "age"]
    found = fit_mediation(
        data.depress2, data[["job_seek", "job_disc"]], data.treat, data[covariates],
        np.arange(len(data)), np.zeros(len(data)), control_names=tuple(covariates),
        n_draws=200, seed=1,
    )  # fmt: skip
    right = "treat + econ_hard + sex + age"
    second = smf.ols(f"depress2 ~ job_seek + job_disc + {right}", data).fit()
    for name, path in zip(("job_seek", "job_disc"), found.paths, strict=True):
        first = smf.ols(f"{name} ~ {right}", data).fit()
        expected = first.params["treat"] * second.params[name]
        assert path.indirect == pytest.approx(expected, abs=SOLVERS)
    # One mediator or two, the total effect is that of R's mediation 4.5.1 on these rows.
    assert found.total == pytest.approx(-0.05600935, abs=5e-9)


@pytest.mark.parametrize("effects", [("unit", "time"), ("unit",), ()])
def test_parallel_draws_are_those_of_a_plain_loop(effects):
    data = two_mediators(3, n_cities=14)
    n_draws, seed = 15, 4
    found = parallel(data, effects=effects, n_draws=n_draws, seed=seed)
    parts = [part for _, part in data.groupby("city")]
    picked = np.random.default_rng(seed).integers(0, len(parts), size=(n_draws, len(parts)))
    expected = []
    for draw in picked:
        rows = pd.concat([parts[c].assign(city=k) for k, c in enumerate(draw)], ignore_index=True)
        keys = {"unit": rows.city, "time": rows.year, "effects": effects}
        b = fit_panel(rows.y, rows[["did", "m", "w", "x"]], names=("did", "m", "w", "x"), **keys)
        assert not b.dropped
        a = [
            fit_panel(rows[name], rows[["did", "x"]], names=("did", "x"), **keys).coefficients[0]
            for name in ("m", "w")
        ]
        expected.append([a[0] * b.coefficients[1], a[1] * b.coefficients[2]])
    assert found.n_draws_used == n_draws
    drawn = np.column_stack([path.draws for path in found.paths])
    np.testing.assert_allclose(drawn, expected, atol=SOLVERS)


def test_one_path_is_the_whole_and_collinear_mediators_are_refused():
    data = two_mediators(6)
    alone = fit(data)
    assert alone.indirect == alone.paths[0].indirect
    assert (alone.ci_low, alone.ci_high) == (alone.paths[0].ci_low, alone.paths[0].ci_high)
    same = data.assign(w=2 * data.m + data.did)
    with pytest.raises(PanelRegressionError, match="the mediator 2 is a linear combination"):
        parallel(same)


@pytest.mark.verify
def test_the_interval_covers_the_truth():
    """Coverage of the 95 % percentile interval: a = 0.5, b = 0.8, 300 panels of 60 cities."""
    covered = 0
    for seed in range(300):
        found = fit(toy_panel(1000 + seed, n_cities=60), n_draws=300, seed=seed)
        covered += found.ci_low <= 0.4 <= found.ci_high
    # Percentile intervals of a product run a little short; 3 standard errors are 3.8 points.
    assert 0.90 < covered / 300 < 0.985


STUDY = """\
id: toy
title: Toy
outcome: {column: y, label: Outcome, unit: points, scale: 10}
policies: {did: {policy_id: pilot, label: Pilot, coverage: whole, timing: pilot_year}}
panel: {unit: city, time: year, years: [0, 7], balanced: allow}
variables:
  x: {column: x, label: Control, unit: ratio}
  skill: {column: m, label: Skill, unit: ratio}
  science: {column: w, label: Science, unit: ratio}
  empty: {column: nothing, label: Empty, unit: ratio}
controls: [x]
cluster: city
regression:
  - id: main
    title: Main
    columns:
      - {id: "1", label: All, regressors: [did], controls: true, effects: [city, year]}
mediation:
  - id: paths
    title: Paths
    mediators: [skill, empty]
    controls: true
    effects: [city, year]
    draws: 100
    seed: 3
"""


@pytest.fixture(scope="module")
def panel() -> pd.DataFrame:
    data = toy_panel(7).assign(nothing=np.nan)
    data.loc[data.index[5:9], "m"] = np.nan
    data.loc[data.index[40:42], "y"] = np.nan
    return data


def test_a_study_s_paths_are_the_coefficients_of_its_printed_columns(panel):
    study = parse_study(STUDY, "toy.yml")
    (row, skipped) = own_tables("mediation", study, panel)["mediation"].to_dict("records")
    result = estimate_study(study, panel)
    printed = result.estimate[result.estimate.design == "paths"]
    by_cell = printed.set_index(["column_id", "term"])
    assert row["a"] == pytest.approx(by_cell.estimate["2", "did"], abs=SOLVERS)
    assert row["b"] == pytest.approx(by_cell.estimate["3", "skill"], abs=SOLVERS)
    assert row["direct"] == pytest.approx(by_cell.estimate["3", "did"], abs=SOLVERS)
    for path, cell in (("a", ("2", "did")), ("b", ("3", "skill")), ("direct", ("3", "did"))):
        assert row[f"{path}_std_error"] == pytest.approx(by_cell.std_error[cell], rel=SOLVERS)
    # Both regressions of a mediator have the rows that hold outcome and mediator; the total of
    # column 1 has all rows with an outcome.
    fits = result.model_fit.query("design == 'paths' and status == 'estimated'").set_index(
        "column_id"
    )
    n = len(panel)
    assert fits.n_obs.to_dict() == {"1": n - 2, "2": n - 6, "3": n - 6}
    assert row["n_obs"] == n - 6
    assert skipped["status"] == "skipped" and skipped["detail"] == "Empty has no value in the panel"
    status = result.column_status.set_index(["design", "column_id"]).status
    assert status["paths"].to_dict() == {
        "1": "estimated", "2": "estimated", "3": "estimated", "4": "skipped", "5": "skipped",
    }  # fmt: skip


def test_the_table_has_its_columns_and_types(panel):
    for study in (parse_study(STUDY, "toy.yml"),
                  parse_study(STUDY[: STUDY.index("mediation:")], "toy.yml")):  # fmt: skip
        frames = own_tables("mediation", study, panel)
        for name, table in TABLES.items():
            assert {c: str(t) for c, t in frames[name].dtypes.items()} == table.kinds
        assert len(frames["mediation"]) == (2 if study.mediation else 0)
        assert frames["mediation_joint"].empty


JOINT = STUDY.replace("[skill, empty]", "[skill, science, empty]\n    joint: [skill, science]")


def test_mediators_held_together_are_those_of_the_printed_column(panel):
    data = panel.assign(w=two_mediators(7).w)
    data.loc[data.index[60:63], "w"] = np.nan
    study = parse_study(JOINT, "toy.yml")
    frames = own_tables("mediation", study, data)
    joint = frames["mediation_joint"]
    assert joint.path.tolist() == ["skill", "science", "all"]
    assert set(joint.mediators) == {"skill+science"} and set(joint.status) == {"estimated"}
    result = estimate_study(study, data)
    printed = result.estimate[result.estimate.design == "paths"].set_index(["column_id", "term"])
    fits = result.model_fit[result.model_fit.design == "paths"].set_index("column_id")
    assert set(joint.n_obs) == {len(data) - 2 - 4 - 3} == {fits.n_obs["8"]}
    for row in joint.head(2).itertuples():
        assert row.b == pytest.approx(printed.estimate["8", row.path], abs=SOLVERS)
        assert row.b_std_error == pytest.approx(printed.std_error["8", row.path], rel=SOLVERS)
        assert row.direct == pytest.approx(printed.estimate["8", "did"], abs=SOLVERS)
        assert row.indirect == pytest.approx(row.a * row.b)
        assert row.share_mediated == pytest.approx(row.indirect / row.total)
    last = joint.iloc[-1]
    assert last.indirect == pytest.approx(joint.indirect.iloc[:2].sum())
    assert last.total == pytest.approx(last.direct + last.indirect)
    assert pd.isna(last.a) and pd.isna(last.sobel_z)
    assert last.ci_low < last.indirect < last.ci_high


def test_mediators_that_can_not_be_held_together_say_why(panel):
    study = parse_study(JOINT.replace("[skill, science]\n", "[skill, empty]\n"), "toy.yml")
    joint = own_tables("mediation", study, panel.assign(w=panel.x + panel.m))["mediation_joint"]
    assert joint.path.tolist() == ["skill", "empty", "all"]
    assert set(joint.detail) == {"Empty has no value in the panel"}
    status = estimate_study(study, panel.assign(w=panel.x + panel.m)).column_status
    assert status.set_index("column_id").status["8"] == "skipped"


def test_the_shipped_mediation_is_that_of_the_printed_table():
    study = load_studies()["smart_city_nqpf"]
    (design,) = study.mediation
    printed = block_of(study, design)
    assert printed.published.table_no == 4
    # Both mediators held at once is no column of the paper.
    assert [e.published_column for e in printed.equations] == [1, 2, 3, 4, 5, None]
    assert [e.column_id for e in printed.equations] == [str(k) for k in range(1, 7)]
    assert printed.equations[-1].regressors == (
        "did", "human_capital", "science_and_technology",
    )  # fmt: skip
