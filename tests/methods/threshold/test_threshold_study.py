"""Threshold models of a study: the sample they use, their tables, and how they are stored."""

from dataclasses import replace
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
from study_results import own_tables

import analysis.methods.threshold.run
from analysis.methods.tables import REFERENCE_CHECK
from analysis.methods.threshold.numbers import estimate_slopes, search_thresholds
from analysis.methods.threshold.run import shown_models
from analysis.methods.threshold.tables import TABLES
from analysis.studies import parse_study
from analysis.study import Study
from analysis.study.data import EstimationError
from orchestration.engine.duck import DuckDBWarehouse
from orchestration.estimating.studies import write_estimates
from orchestration.estimating.tables import OF_STUDIES, PROVENANCE

THRESHOLDS = np.array([0.8, 1.2])
SLOPES = np.array([-1.0, 0.5, 2.0])
FIRST, LAST = 2010, 2019

STUDY = f"""\
id: small
title: Small
outcome: {{column: y, label: Y, unit: points, scale: 100}}
policies: {{did: {{policy_id: pilot, label: Pilot, coverage: whole, timing: pilot_year}}}}
panel: {{unit: city_code, time: year, years: [{FIRST}, {LAST}], balanced: allow}}
variables:
  structure: {{column: q, label: Structure, unit: ratio}}
  density: {{column: z, label: Density, unit: ratio}}
controls: [density]
cluster: city_code
regression:
  - id: baseline
    title: Baseline
    columns:
      - {{id: "1", label: All, regressors: [did], controls: true, effects: [city, year]}}
threshold:
  - id: industry
    title: By structure
    variable: structure
    controls: true
    year_effects: true
    at_most: 3
    convention: xthreg
    grid: {{rule: all, points: 400, trim: 0.05}}
    schemes: [{{scheme: xthreg, resample: unit}}, {{scheme: hansen, resample: wild}}]
    draws: 100
    seed: 7
"""

# Coefficients against least squares with all dummies written out: rounding of two solvers.
SOLVERS = 1e-9


def study_of(old: str = "", new: str = "") -> Study:
    assert old in STUDY
    return parse_study(STUDY.replace(old, new, 1), "small.yml")


def panel_of(seed: int = 2, slopes=SLOPES, sd: float = 0.8, n: int = 60) -> pd.DataFrame:
    """Cities by year with known slopes by regime, in points of 1/100."""
    rng = np.random.default_rng(seed)
    years = np.arange(FIRST - 1, LAST + 2)  # a year more than the study at both ends
    city, year = np.repeat(np.arange(n), len(years)), np.tile(years, n)
    level = rng.normal(size=n)[city]
    q = 1 + 0.3 * rng.normal(size=n)[city] + 0.15 * rng.normal(size=len(city))
    start = rng.choice([2012, 2014, 9999], n)[city]
    did = (year >= start).astype(int)
    z = rng.normal(size=len(city)) + level
    regime = np.searchsorted(THRESHOLDS, q, side="left")
    points = level + 0.1 * (year - FIRST) + 0.3 * z + np.asarray(slopes)[regime] * did
    points += sd * rng.normal(size=len(city))
    return pd.DataFrame(
        {"city_code": [f"{110000 + c}" for c in city], "year": year, "y": points / 100,
         "q": q, "z": z, "did": did}
    )  # fmt: skip


@pytest.fixture(scope="module")
def panel() -> pd.DataFrame:
    return panel_of()


@pytest.fixture(scope="module")
def found(panel: pd.DataFrame) -> dict[str, pd.DataFrame]:
    return own_tables("threshold", study_of(), panel)


def test_every_table_has_its_columns_and_types(found):
    assert set(found) == {*TABLES, REFERENCE_CHECK.name}
    for name, frame in found.items():
        kinds = (TABLES | {REFERENCE_CHECK.name: REFERENCE_CHECK})[name].kinds
        assert {c: str(t) for c, t in frame.dtypes.items()} == kinds, name
        assert len(frame), name
        assert set(frame["study"]) == {"small"} and set(frame["design"]) == {"industry"}
    assert len(found["threshold_test"]) == 2 * 3
    assert len(found["threshold_search"]) == 1 + 2 + 3
    n_slopes = found["threshold_slope"].groupby("n_thresholds").size()
    assert n_slopes.to_dict() == {0: 2, 1: 3, 2: 4, 3: 5}  # density, and did by regime


def test_a_study_without_threshold_models_has_empty_tables_of_the_same_types(panel):
    study = parse_study(STUDY[: STUDY.index("threshold:")], "small.yml")
    frames = own_tables("threshold", study, panel)
    for name, frame in frames.items():
        assert len(frame) == 0
        kinds = list((TABLES | {REFERENCE_CHECK.name: REFERENCE_CHECK})[name].kinds.values())
        assert [str(t) for t in frame.dtypes] == kinds


def test_thresholds_and_slopes_of_a_strong_signal_are_found(found):
    (model,) = found["threshold_model"].to_dict("records")
    assert model["status"] == "estimated" and model["n_supported"] == 2
    double = found["threshold_search"].query("n_thresholds == 2")
    assert (double["ci_low"] <= THRESHOLDS).all() and (double["ci_high"] >= THRESHOLDS).all()
    slopes = found["threshold_slope"].query("n_thresholds == 2 and term == 'did'")
    assert list(slopes["regime"]) == [1, 2, 3]
    assert (slopes["ci_low"] <= SLOPES).all() and (slopes["ci_high"] >= SLOPES).all()


def test_slopes_are_least_squares_with_all_dummies(panel, found):
    rows = panel[panel["year"].between(FIRST, LAST)]
    for n, group in found["threshold_slope"].groupby("n_thresholds"):
        thresholds = found["threshold_search"].query("n_thresholds == @n")["estimate"]
        regime = np.searchsorted(thresholds.to_numpy(float), rows["q"], side="left")
        columns = [rows["z"].to_numpy()]
        columns += [rows["did"].to_numpy() * (regime == k) for k in range(n + 1)]
        dummies = pd.get_dummies(rows[["city_code", "year"]].astype(str)).to_numpy(float)
        design = np.column_stack([*columns, dummies])
        beta = np.linalg.lstsq(design, 100 * rows["y"].to_numpy(), rcond=None)[0][: n + 2]
        np.testing.assert_allclose(group["estimate"].to_numpy(float), beta, atol=SOLVERS)
        by_regime = group[group["regime"].notna()]
        assert by_regime["n_obs"].tolist() == np.bincount(regime, minlength=n + 1).tolist()
        treated = np.bincount(regime[rows["did"] == 1], minlength=n + 1)
        assert by_regime["n_active"].tolist() == treated.tolist()
        edges = [np.nan, *thresholds, np.nan]
        np.testing.assert_array_equal(by_regime["lower_bound"].to_numpy(float), edges[:-1])
        np.testing.assert_array_equal(by_regime["upper_bound"].to_numpy(float), edges[1:])


def test_regimes_of_cities_and_their_counts_agree_with_the_thresholds(panel, found):
    member = found["city_regime"]
    assert set(member["n_thresholds"]) == {2}
    thresholds = found["threshold_search"].query("n_thresholds == 2")["estimate"].to_numpy(float)
    rows = panel[panel["year"].between(FIRST, LAST)].sort_values(["city_code", "year"])
    regime = 1 + np.searchsorted(thresholds, rows["q"], side="left")
    assert member["city_code"].tolist() == rows["city_code"].tolist()
    assert member["regime"].tolist() == regime.tolist()
    before = pd.Series(regime).groupby(rows["city_code"].to_numpy()).shift(1)
    changed = before.notna() & (before != regime)
    assert member["changed"].tolist() == changed.tolist()
    assert changed.sum() > 10

    counts = found["regime_count"]
    assert counts["n_obs"].sum() == len(rows)
    assert counts["n_entered"].sum() == changed.sum()
    assert counts["n_active"].sum() == rows["did"].sum()
    assert len(counts) == 3 * (LAST - FIRST + 1)


def test_profiles_touch_zero_at_the_estimate_and_hold_the_set(found):
    profile = found["threshold_profile"].set_index(["n_thresholds", "threshold_no"])
    for row in found["threshold_search"].itertuples():
        curve = profile.loc[(row.n_thresholds, row.threshold_no)]
        assert len(curve) == row.n_candidates
        inside = curve[curve["lr"] <= row.critical_value]["gamma"]
        assert (inside.min(), inside.max()) == (row.ci_low, row.ci_high)
        at = curve.loc[curve["gamma"] == row.estimate, "lr"]
        np.testing.assert_allclose(at.to_numpy(float), [0.0], atol=1e-9)


def test_the_same_seed_gives_the_same_tables_in_any_order_of_rows(panel, found):
    again = own_tables("threshold", study_of(), panel.sample(frac=1, random_state=3))
    for name, frame in found.items():
        pd.testing.assert_frame_equal(again[name], frame, check_exact=True)
    other = own_tables("threshold", study_of("seed: 7", "seed: 8"), panel)["threshold_test"]
    first = found["threshold_test"]
    assert other["f_statistic"].tolist() == first["f_statistic"].tolist()
    assert (other["critical_5"] != first["critical_5"]).all()


def test_incomplete_cities_are_left_out_and_counted(panel, found):
    gaps = panel.copy()
    cities = gaps["city_code"].unique()
    gaps.loc[(gaps["city_code"] == cities[0]) & (gaps["year"] == 2013), "q"] = np.nan
    gaps.loc[(gaps["city_code"] == cities[1]) & (gaps["year"] == 2014), "y"] = np.nan
    gaps = gaps[~((gaps["city_code"] == cities[2]) & (gaps["year"] == 2015))]
    gaps.loc[gaps["city_code"] == cities[3], "z"] = np.nan  # no value in any year
    frames = own_tables("threshold", study_of(), gaps)
    (model,) = frames["threshold_model"].to_dict("records")
    years = LAST - FIRST + 1
    assert (model["n_obs"], model["n_units"]) == ((60 - 4) * years, 60 - 4)
    assert model["n_units_incomplete"] == 3
    assert model["n_dropped_incomplete"] == 3 * (years - 1)
    assert model["n_dropped_missing"] == 1 + 1 + years
    alone = own_tables("threshold", study_of(), panel[~panel["city_code"].isin(cities[:4])])
    for name in ("threshold_search", "threshold_slope", "city_regime", "regime_count"):
        pd.testing.assert_frame_equal(frames[name], alone[name])
    assert set(frames["threshold_test"]["n_dropped"]) == {3 * (years - 1) + 2 + years}
    with pytest.raises(EstimationError, match=r"4 units lack a year of 2010-2019"):
        own_tables("threshold", study_of("balanced: allow", "balanced: require"), gaps)


def test_without_a_change_of_slope_no_threshold_is_supported():
    frames = own_tables("threshold", study_of(), panel_of(seed=5, slopes=(0.5, 0.5, 0.5)))
    (model,) = frames["threshold_model"].to_dict("records")
    assert model["n_supported"] == 0
    # The double threshold of the paper is given all the same.
    assert set(frames["city_regime"]["n_thresholds"]) == {2}


@pytest.mark.parametrize(
    ("supported", "at_most", "shown"),
    [(0, 3, (2,)), (1, 3, (1, 2)), (2, 3, (2,)), (3, 3, (2, 3)), (0, 1, (1,)), (1, 1, (1,))],
)
def test_the_supported_and_the_double_model_are_shown(supported, at_most, shown):
    assert shown_models(supported, at_most) == shown


def test_data_that_carry_no_model_are_told_and_stop_nothing(panel):
    never = own_tables("threshold", study_of(), panel.assign(did=0))
    few = own_tables("threshold", study_of("trim: 0.05", "trim: 0.05, min_active: 5000"), panel)
    holes = panel.assign(q=panel["q"].where(panel["year"] != 2016))
    empty = own_tables("threshold", study_of(), holes)
    for frames, says in (
        (never, "does not vary in the sample"),
        (few, "no candidate leaves 5000 units with a non-zero regressor"),
        (empty, "no city has every year of 2010-2019"),
    ):
        (model,) = frames["threshold_model"].to_dict("records")
        assert model["status"] == "skipped"
        assert says in model["detail"]
        assert all(frame.empty for name, frame in frames.items() if name != "threshold_model")


def test_a_threshold_variable_that_treatment_moves_gives_a_warning(panel, found):
    (model,) = found["threshold_model"].to_dict("records")
    assert not model["responds"] and pd.isna(model["warning"])
    moved = panel.assign(q=panel["q"] + 0.5 * panel["did"])
    (model,) = own_tables("threshold", study_of(), moved)["threshold_model"].to_dict("records")
    assert model["responds"]
    assert model["warning"].startswith("The threshold variable responds to treatment")
    response = own_tables("threshold", study_of(), moved)["threshold_diagnostic"]
    effect = response[response["item"] == "q"].iloc[0]
    assert abs(effect["statistic"] - 0.5) < 3 * effect["std_error"]


def test_another_regressor_than_the_policy_can_depend_on_the_regime(panel):
    text = STUDY.replace("    controls: true\n    year", "    regressor: density\n"
                         "    controls: false\n    year")  # fmt: skip
    frames = own_tables("threshold", parse_study(text, "small.yml"), panel)
    assert set(frames["threshold_slope"]["term"]) == {"density"}
    assert set(frames["threshold_slope"]["term_label"]) == {"Density"}
    assert len(frames["threshold_diagnostic"]) == 5


# --- the referee --------------------------------------------------------------------------------


ROUNDING = 1e-9  # of a standard error, and a tenth of that of the sum: two exact algorithms


@pytest.mark.parametrize("years", ["true", "false"])
@pytest.mark.parametrize("convention", ["xthreg", "hansen"])
def test_the_double_threshold_is_made_again_by_linearmodels(panel, convention, years):
    text = STUDY.replace("convention: xthreg", f"convention: {convention}")
    text = text.replace("year_effects: true", f"year_effects: {years}")
    frames = own_tables("threshold", parse_study(text, "small.yml"), panel)
    check = frames["reference_check"]
    slopes = frames["threshold_slope"].query("n_thresholds == 2")
    assert list(zip(check["part"], check["design"], check["column_id"], strict=True)) == (
        [("threshold", "industry", "2")] * 4
    )
    assert check["term"].tolist() == ["density", "did", "did", "did"]
    assert check["at_point"].fillna("").tolist() == ["", "1", "2", "3"]
    assert check["estimate"].tolist() == slopes["estimate"].tolist()
    assert check["std_error"].tolist() == slopes["se_cluster"].tolist()
    # The sum of squares is that of the search, which projects step columns of its own.
    ssr = frames["threshold_test"].query("n_thresholds == 2")["ssr"].iloc[0]
    assert set(check["ssr"]) == {ssr}
    assert check["agrees"].all() and set(check["detail"]) == {""}
    assert check["difference"].max() < ROUNDING
    assert check["ssr_difference"].max() < ROUNDING / 10


def test_thresholds_that_are_not_where_the_search_says_are_found(panel, monkeypatch):
    """Slopes at a neighbouring threshold: a few rows are in another regime."""

    def beside(panel, thresholds, **options):
        moved = [1.02 * t for t in thresholds]
        return replace(estimate_slopes(panel, moved, **options), thresholds=tuple(thresholds))

    monkeypatch.setattr(analysis.methods.threshold.run, "estimate_slopes", beside)
    check = own_tables("threshold", study_of(), panel)["reference_check"]
    assert not check["agrees"].any()


def test_a_search_with_a_wrong_sum_of_squares_is_found(panel, monkeypatch):
    def careless(*args, **options):
        search = search_thresholds(*args, **options)
        models = tuple(replace(m, ssr=m.ssr * (1 + 1e-8)) for m in search.models)
        return replace(search, models=models)

    monkeypatch.setattr(analysis.methods.threshold.run, "search_thresholds", careless)
    check = own_tables("threshold", study_of(), panel)["reference_check"]
    assert not check["agrees"].any()
    assert check["difference"].max() < ROUNDING  # slopes and errors are sound
    np.testing.assert_allclose(check["ssr_difference"].to_numpy(float), 1e-8, rtol=1e-4)


# --- stored -------------------------------------------------------------------------------------


def warehouse_of(path: Path, panel: pd.DataFrame, vintage: str) -> duckdb.DuckDBPyConnection:
    """A warehouse with just what estimation asks of it."""
    connection = duckdb.connect(str(path))
    connection.register("panel", panel)
    connection.execute(
        "create schema marts;"
        f"create table marts.dataset_version as select '{vintage}' as vintage,"
        " 'simulated' as data_kind;"
        "create table marts.city_year as select * exclude (did) from panel;"
        "create table marts.policy_exposure as select city_code, year, did,"
        " null::integer as first_treated_year, 'pilot' as policy_id, 'whole' as coverage,"
        " 'pilot_year' as timing from panel;"
        "create table marts.policy_city as select distinct 'pilot' as policy_id, city_code,"
        " false as is_listed_in_part, false as is_possibly_missing from panel;"
        "create table marts.policy_roster_coverage (policy_id varchar, batch integer,"
        " entries_announced integer, entries_listed integer, entries_unconfirmed integer)"
    )
    return connection


def types_of(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str, str]]:
    return connection.execute(
        "select table_name, column_name, data_type from duckdb_columns()"
        " where schema_name = 'estimates' order by all"
    ).fetchall()


def test_tables_are_kept_by_vintage_with_comments_and_steady_types(panel, found, tmp_path):
    folder = tmp_path / "studies"
    folder.mkdir()
    (folder / "small.yml").write_text(STUDY, encoding="utf-8")
    first, second, third = (tmp_path / f"{n}.duckdb" for n in ("first", "second", "third"))

    with warehouse_of(first, panel, "v1") as connection:
        # Nothing to estimate from: a model that is not estimated has missing counts.
        connection.execute("update marts.policy_exposure set did = 0 where year < 2018")
        connection.execute("update marts.city_year set q = null where year = 2016")
        write_estimates(DuckDBWarehouse(connection), None, folder)
        types = types_of(connection)
    with warehouse_of(second, panel, "v2") as connection:
        write_estimates(DuckDBWarehouse(connection), first, folder)
    with warehouse_of(third, panel, "v3") as connection:
        written = write_estimates(DuckDBWarehouse(connection), second, folder)
        assert types_of(connection) == types
        statuses = connection.execute(
            "select vintage, status from estimates.threshold_model order by all"
        ).fetchall()
        assert statuses == [("v1", "skipped"), ("v2", "estimated"), ("v3", "estimated")]
        for name in TABLES:
            own = connection.execute(
                f"select * exclude ({', '.join(column.name for column in PROVENANCE)}) from estimates.{name}"
                " where vintage = 'v3'"
            ).df()
            assert len(own) == len(found[name]), name
            assert written.rows[f"estimates.{name}"] == 2 * len(own) + (name == "threshold_model")
        slopes = connection.execute(
            "select estimate from estimates.threshold_slope where vintage = 'v3'"
        ).df()["estimate"]
        np.testing.assert_array_equal(slopes, found["threshold_slope"]["estimate"].to_numpy(float))
        described = connection.execute(
            "select table_name, count(comment), count(*) from duckdb_columns()"
            " where schema_name = 'estimates' group by all"
        ).fetchall()
        assert {name for name, _, _ in described} == set(OF_STUDIES)
        assert all(commented == columns for _, commented, columns in described)
    assert written.status["detail"].tolist() == ["5 models"]  # a regression, 0 to 3 thresholds
