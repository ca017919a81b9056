"""Inequality of subjects: tables against direct calls and brute force, hostile panels, storage."""

import csv
from dataclasses import replace
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.measures.inequality import dagum, theil
from analysis.measures.inequality.subjects import Subject, subjects_of, usable_rows
from analysis.measures.inequality_study import (
    MIN_CONVERGENCE_UNITS,
    TABLES,
    covered_span,
    measure_inequality,
    no_inequality,
)
from analysis.measures.true_zero import SCALED
from orchestration.engine.duck import DuckDBWarehouse
from orchestration.estimating.inequality import write_inequality
from orchestration.estimating.tables import TABLES as STORED

SAME = 1e-10  # sums of a few hundred terms in another order
SOLVERS = 1e-8  # least squares with all dummies written out, by another solver

FIRST, YEARS = 2010, 5
SUBJECT = Subject("wealth", "value", ("region", "half"), None, ("control",), price_basis="current")
WEIGHED = Subject("wealth", "value", ("region",), "people", ("control",))
KEYS = {
    "inequality_status": ["subject_id"],
    "inequality": [
        "subject_id", "group_column", "year", "measure", "component", "group_name",
    ],
    "dagum_pair": ["subject_id", "group_column", "year", "group_a", "group_b"],
    "convergence": ["subject_id", "kind", "group_column", "group_name"],
}  # fmt: skip


ROUNDING = 1e-9
"""What a factor on all values of a year may leave in sums of logarithms of some hundred rows."""


def panel_of(n: int = 90, years: int = YEARS, seed: int = 4) -> pd.DataFrame:
    """Cities that grow faster where they started lower, in three regions and two halves."""
    rng = np.random.default_rng(seed)
    log_value = rng.normal(3, 0.6, n)
    rows = []
    for t in range(years):
        for i in range(n):
            rows.append(
                {
                    "city_code": f"{110000 + 100 * i}",
                    "year": FIRST + t,
                    "region": ("east", "central", "west")[i % 3],
                    "half": "n" if i % 2 else "s",
                    "value": float(np.exp(log_value[i])),
                    "people": float(10 + i % 7),
                    "control": float(np.sin(i) + 0.1 * t * np.cos(i)),
                }
            )
        log_value = log_value + 0.4 - 0.1 * log_value + rng.normal(0, 0.02, n)
    return pd.DataFrame(rows).sample(frac=1, random_state=seed)


@pytest.fixture(scope="module")
def panel() -> pd.DataFrame:
    return panel_of()


@pytest.fixture(scope="module")
def found(panel) -> dict[str, pd.DataFrame]:
    return measure_inequality(SUBJECT, panel)


def part(frame: pd.DataFrame, **where: object) -> pd.DataFrame:
    for column, value in where.items():
        frame = frame[frame[column] == value]
    return frame


def one(frame: pd.DataFrame, column: str, **where: object) -> float:
    (value,) = part(frame, **where)[column]
    return float(value)


def pairwise_gini(x: np.ndarray, w: np.ndarray) -> float:
    """All pairs, O(n^2)."""
    return float(w @ np.abs(x[:, None] - x) @ w) / (2 * float(w @ x) * w.sum())


# --- values -------------------------------------------------------------------------------------


def test_tables_have_their_columns_types_and_keys(found):
    for name, table in TABLES.items():
        assert {c: str(t) for c, t in found[name].dtypes.items()} == table.kinds
        assert list(found[name].columns) == list(table.names)
        assert len(found[name]) > 0
        assert not found[name].duplicated(KEYS[name]).any()
        assert found[name][KEYS[name]].notna().all(axis=None)
        assert list(no_inequality()[name].dtypes) == list(found[name].dtypes)
    assert found["inequality_status"]["status"].item() == "estimated"
    assert pd.isna(found["inequality_status"]["detail"].item())
    assert set(found["inequality"]["year"]) == set(range(FIRST, FIRST + YEARS))


@pytest.mark.parametrize("subject", [SUBJECT, WEIGHED], ids=["equal", "weighed"])
def test_totals_are_those_of_all_pairs_and_parts_those_of_dagum(panel, subject):
    made = measure_inequality(subject, panel)["inequality"]
    for year, rows in panel.groupby("year"):
        x = rows["value"].to_numpy()
        w = rows["people"].to_numpy() if subject.weight else np.ones(len(x))
        for grouping in subject.groupings:
            key = {"year": year, "group_column": grouping, "measure": "gini"}
            assert one(made, "value", **key, component="total") == pytest.approx(
                pairwise_gini(x, w), abs=SAME
            )
            direct = dagum(x, rows[grouping].to_numpy(), w)
            for component, value in zip(
                ("within", "between", "transvariation"),
                (direct.within, direct.net_between, direct.transvariation),
                strict=True,
            ):
                assert one(made, "value", **key, component=component) == pytest.approx(
                    value, abs=SAME
                )
                share = one(made, "share", **key, component=component)
                assert share == pytest.approx(value / direct.total, abs=SAME)
            for region, some in rows.groupby(grouping):
                own = pairwise_gini(
                    some["value"].to_numpy(),
                    some["people"].to_numpy() if subject.weight else np.ones(len(some)),
                )
                assert one(made, "value", **key, group_name=region) == pytest.approx(own, abs=SAME)
            inside = part(made, **key, component="group")["share"].sum()
            assert inside == pytest.approx(one(made, "share", **key, component="within"), abs=SAME)


def test_theil_and_spread_by_hand():
    """a: 1 and 3, b: 2 and 6: T = mean of x/m ln(x/m), m = 3; sd of logs with divisor n."""
    rows = pd.DataFrame(
        {"city_code": list("pqrs"), "year": 2020, "region": list("aabb"), "value": [1.0, 3, 2, 6]}
    )
    made = measure_inequality(Subject("s", "value", ("region",)), rows)
    table = made["inequality"]
    x = np.array([1, 3, 2, 6]) / 3
    t, low = float(np.mean(x * np.log(x))), float(np.mean(-np.log(x)))
    between = (1 / 3) * np.log(2 / 3) + (2 / 3) * np.log(4 / 3)
    assert one(table, "value", measure="theil_t", component="total") == pytest.approx(t)
    assert one(table, "value", measure="theil_t", component="between") == pytest.approx(between)
    assert one(table, "share", measure="theil_t", component="between") == pytest.approx(between / t)
    assert one(table, "value", measure="theil_l", component="total") == pytest.approx(low)
    half = [1 / 2, 3 / 2]  # inside a group: 1 and 3 about 2, and twice as much about 4
    inside = float(np.mean(half * np.log(half)))
    assert one(table, "value", measure="theil_t", group_name="a") == pytest.approx(inside)
    logs = np.log([1, 3, 2, 6])
    assert one(table, "value", measure="sd_log", component="total") == pytest.approx(logs.std())
    assert one(table, "value", measure="cv", component="total") == pytest.approx(
        np.std([1, 3, 2, 6]) / 3
    )
    assert one(table, "value", measure="sd_log", group_name="b") == pytest.approx(np.log(3) / 2)
    pair = made["dagum_pair"].iloc[0]
    # Of the 32 in differences of all ordered pairs 20 are between a and b; D = (9 - 1)/(9 + 1).
    assert (pair["group_a"], pair["group_b"]) == ("b", "a")
    assert pair["affluence"] == pytest.approx(0.8)
    assert pair["net_between"] == pytest.approx(20 / 96 * 0.8)
    assert pair["transvariation"] == pytest.approx(20 / 96 * 0.2)
    assert pair["share"] == pytest.approx(20 / 32)
    status = made["inequality_status"].iloc[0]
    assert status["status"] == "estimated in part"
    assert "convergence: there is one year only" in status["detail"]


def test_pairs_add_up_to_the_components(found):
    pairs, table = found["dagum_pair"], found["inequality"]
    for key, rows in pairs.groupby(["group_column", "year"]):
        where = dict(zip(("group_column", "year"), key, strict=True)) | {"measure": "gini"}
        for component, column in (
            ("between", "net_between"),
            ("transvariation", "transvariation"),
        ):
            assert rows[column].sum() == pytest.approx(
                one(table, "value", **where, component=component), abs=SAME
            )
        outside = 1 - one(table, "share", **where, component="within")
        assert rows["share"].sum() == pytest.approx(outside, abs=SAME)
        n = part(table, **where, component="group")["group_name"].nunique()
        assert len(rows) == n * (n - 1) / 2
    assert pairs["affluence"].between(0, 1).all()


def test_convergence_against_least_squares_written_out(panel, found):
    table = found["convergence"]
    last = FIRST + YEARS - 1
    wide = panel.pivot(index="city_code", columns="year", values="value").sort_index()
    control = panel[panel["year"] == FIRST].set_index("city_code")["control"].sort_index()
    everyone = {"group_column": "all", "group_name": "all"}
    level, growth = np.log(wide[FIRST]), np.log(wide[last] / wide[FIRST]) / (YEARS - 1)
    for kind, held in (("beta_absolute", []), ("beta_conditional", [control])):
        x = np.column_stack([level, *held, np.ones(len(level))])
        b = np.linalg.lstsq(x, growth, rcond=None)[0]
        row = part(table, kind=kind, **everyone).iloc[0]
        assert row["coefficient"] == pytest.approx(b[0], abs=SOLVERS)
        e = growth.to_numpy() - x @ b
        inverse = np.linalg.inv(x.T @ x)
        hc1 = inverse @ (x.T * e**2 @ x) @ inverse * len(x) / (len(x) - x.shape[1])
        assert row["std_error"] == pytest.approx(np.sqrt(hc1[0, 0]), rel=SOLVERS)
        assert row["speed"] == pytest.approx(-np.log(1 + b[0] * (YEARS - 1)) / (YEARS - 1))
        assert row["half_life"] == pytest.approx(np.log(2) / row["speed"])
        assert row["n_obs"] == len(level)
        assert row["controls"] == ("control" if held else "")
    spread = np.log(wide).std(ddof=0)
    slope = np.polyfit(spread.index, spread, 1)[0]
    row = part(table, kind="sigma", **everyone).iloc[0]
    assert row["coefficient"] == pytest.approx(slope, abs=SOLVERS)
    assert (row["n_obs"], row["n_units"]) == (YEARS, 90)

    ordered = panel.sort_values(["city_code", "year"])
    before = ordered.groupby("city_code")[["value", "control"]].shift()
    used = before["value"].notna()
    y = np.log(ordered["value"] / before["value"])[used]
    x = pd.concat(
        [
            np.log(before.loc[used, "value"]),
            before.loc[used, "control"],
            pd.get_dummies(ordered.loc[used, "city_code"], dtype=float),
            pd.get_dummies(ordered.loc[used, "year"], dtype=float).iloc[:, 1:],
        ],
        axis=1,
    )
    b = np.linalg.lstsq(x.to_numpy(), y.to_numpy(), rcond=None)[0]
    row = part(table, kind="beta_panel", **everyone).iloc[0]
    assert row["coefficient"] == pytest.approx(b[0], abs=SOLVERS)
    assert (row["n_obs"], row["n_units"]) == (len(y), 90)


def test_groups_of_the_first_grouping_that_are_large_enough_have_their_own_line(panel, found):
    groups = {("all", "all"), *(("region", name) for name in ("east", "central", "west"))}
    table = found["convergence"]
    assert set(zip(table["group_column"], table["group_name"], strict=True)) == groups
    assert set(table["kind"]) == {"sigma", "beta_absolute", "beta_conditional", "beta_panel"}
    few = panel[(panel["region"] != "west") | (panel["city_code"] < "113000")]
    sizes = few.groupby("region")["city_code"].nunique()
    assert sizes["west"] < MIN_CONVERGENCE_UNITS <= sizes["east"]
    assert "west" not in set(measure_inequality(SUBJECT, few)["convergence"]["group_name"])


def test_what_current_prices_do_to_convergence(panel, found):
    """A rise that all share leaves every line alone; one that differs between cities does not."""
    rises = 1.07 ** (panel["year"] - FIRST)
    shared = measure_inequality(SUBJECT, panel.assign(value=panel["value"] * rises))["convergence"]
    np.testing.assert_allclose(
        shared["coefficient"], found["convergence"]["coefficient"], rtol=ROUNDING, atol=ROUNDING
    )
    dearer = np.where(panel["half"] == "n", 1, rises)
    local = measure_inequality(SUBJECT, panel.assign(value=panel["value"] * dearer))["convergence"]
    assert (abs(local["coefficient"] - shared["coefficient"]) > 1000 * ROUNDING).all()


def test_known_speed_without_noise():
    """ln v falls towards a common level by 5 % a year: so does the spread, and beta says so."""
    n, years, speed = 40, 6, 0.05
    log0 = np.linspace(1, 3, n)
    rows = [
        (f"{i:03d}", 2000 + t, "r", float(np.exp(2 + (log0[i] - 2) * np.exp(-speed * t))))
        for i in range(n)
        for t in range(years)
    ]
    panel = pd.DataFrame(rows, columns=["city_code", "year", "region", "value"])
    made = measure_inequality(Subject("s", "value", ("region",)), panel)
    row = part(made["convergence"], kind="beta_absolute", group_name="all").iloc[0]
    assert row["speed"] == pytest.approx(speed, abs=1e-9)
    assert row["half_life"] == pytest.approx(np.log(2) / speed, abs=1e-6)
    spread = part(made["inequality"], measure="sd_log", component="total")["value"]
    assert np.allclose(spread / spread.iloc[0], np.exp(-speed * np.arange(years)))


def test_span_of_convergence_leaves_thin_years_out():
    years = [2000] * 5 + [2001] * 10 + [2002] * 9 + [2003] * 10 + [2004] * 2
    assert covered_span(years) == (2001, 2003)
    assert covered_span([2001]) == (2001, 2001)


# --- hostile ------------------------------------------------------------------------------------


def status_of(made: dict[str, pd.DataFrame]) -> tuple[str, str]:
    row = made["inequality_status"].iloc[0]
    return row["status"], "" if pd.isna(row["detail"]) else row["detail"]


@pytest.mark.parametrize(
    ("change", "status", "detail"),
    [
        (lambda p: p.drop(columns="value"), "no values", "the panel has no column value"),
        (lambda p: p.assign(value=np.nan), "no values", "value has no value in this input"),
        (lambda p: p.iloc[:0], "no values", "value has no value in this input"),
        (lambda p: p[p["city_code"] == "110000"], "no values", "no year has 2 cities"),
        (
            lambda p: p.assign(value=p["value"].where(p["city_code"] != "110300", -4.0)),
            "not defined",
            "5 values are negative (the first: 110300 in 2010)",
        ),
        (lambda p: p.drop(columns="half"), "no values", "the panel has no column half"),
    ],
    ids=["no column", "no values", "no rows", "one city", "negative", "no grouping"],
)
def test_subjects_that_cannot_be_measured_say_so(panel, change, status, detail):
    made = measure_inequality(SUBJECT, change(panel))
    assert status_of(made)[0] == status
    assert detail in status_of(made)[1]
    assert [len(made[name]) for name in TABLES] == [1, 0, 0, 0]


def test_weights_that_are_missing_or_nought_leave_the_city_out(panel):
    people = panel["people"].where(panel["city_code"] != "110000", 0.0)
    people = people.where(panel["city_code"] != "110100")
    made = measure_inequality(WEIGHED, panel.assign(people=people))
    without = panel[~panel["city_code"].isin(["110000", "110100"])]
    pd.testing.assert_frame_equal(
        made["inequality"], measure_inequality(WEIGHED, without)["inequality"]
    )
    row = made["inequality_status"].iloc[0]
    assert (row["n_dropped_weight"], row["n_units"]) == (2 * YEARS, 88)
    none = measure_inequality(WEIGHED, panel.assign(people=np.nan))
    assert status_of(none) == (
        "no values",
        "people has no value above zero where value has one",
    )


def test_zeros_have_a_gini_and_a_theil_t_and_nothing_that_takes_logarithms(panel):
    nought = (panel["city_code"] == "110300") & (panel["year"] == FIRST + 1)
    made = measure_inequality(SUBJECT, panel.assign(value=panel["value"].where(~nought, 0.0)))
    table = made["inequality"]
    year = part(table, year=FIRST + 1, group_column="region", component="total")
    got = {r["measure"]: r["value"] for r in year.to_dict("records")}
    assert 0 < got["gini"] < 1 and got["theil_t"] > 0
    assert pd.isna(got["theil_l"]) and "sd_log" not in got and "cv" not in got
    other = part(table, year=FIRST, group_column="region", component="total")
    assert set(other["measure"]) == {"gini", "theil_t", "theil_l", "sd_log", "cv"}
    # The city is of the east: the other regions still converge.
    assert set(made["convergence"]["group_name"]) == {"central", "west"}
    status, detail = status_of(made)
    assert status == "estimated in part"
    assert "1 city-years are zero (the first: 110300 in 2011)" in detail
    assert "sigma: logarithms need values above zero" in detail and "(all, east)" in detail


def test_all_equal_is_no_inequality(panel):
    made = measure_inequality(SUBJECT, panel.assign(value=7.0))
    table = made["inequality"]
    assert (part(table, component="total")["value"].abs() < SAME).all()
    assert table["share"].isna().all() | (table["share"].abs() <= 1).all()
    gini = part(table, measure="gini", component="total")
    assert (gini["value"] == 0).all() and gini["share"].isna().all()
    status, detail = status_of(made)
    assert status == "estimated in part"
    assert "beta_absolute: the regressors can't be told apart (initial: does not vary" in detail


def test_all_zero_has_no_inequality_either(panel):
    made = measure_inequality(SUBJECT, panel.assign(value=0.0))
    assert made["inequality"]["value"].isna().all()
    assert len(made["convergence"]) == 0
    assert status_of(made)[0] == "estimated in part"


def test_one_group_has_all_of_it_within(panel):
    made = measure_inequality(SUBJECT, panel.assign(region="east"))
    share = part(made["inequality"], measure="gini", component="within", group_column="region")
    assert share["share"].tolist() == pytest.approx([1.0] * YEARS)
    assert len(part(made["dagum_pair"], group_column="region")) == 0


def test_cities_without_a_group_are_left_out_of_its_decomposition(panel):
    lost = panel["city_code"] == "110000"
    made = measure_inequality(SUBJECT, panel.assign(region=panel["region"].where(~lost)))
    n = part(made["inequality"], measure="gini", component="total").groupby("group_column")
    assert n["n_units"].unique().map(list).to_dict() == {"region": [89], "half": [90]}
    assert "5 city-years have no region" in status_of(made)[1]


def test_controls_without_values_leave_out_the_conditional_line(panel):
    made = measure_inequality(SUBJECT, panel.assign(control=np.nan))
    assert set(made["convergence"]["kind"]) == {"sigma", "beta_absolute", "beta_panel"}
    assert "no values of the controls control" in status_of(made)[1]


def test_a_city_twice_in_a_year_is_an_error(panel):
    with pytest.raises(ValueError, match=r"wealth: the panel has the first: \d+ in \d+ twice"):
        measure_inequality(SUBJECT, pd.concat([panel, panel.iloc[[7]]]))


# --- invariances --------------------------------------------------------------------------------


@st.composite
def small_panels(draw):
    """Up to 12 cities and 3 years with ties, zeros and gaps."""
    amount = st.one_of(st.none(), st.just(0.0), st.integers(1, 4).map(float), st.floats(0.01, 1e5))
    rows = [
        {"city_code": f"c{i}", "year": 2000 + t, "region": "ab"[i % 2], "value": draw(amount)}
        for i in range(draw(st.integers(1, 12)))
        for t in range(draw(st.integers(1, 3)))
    ]
    return pd.DataFrame(rows).astype({"value": float})


@settings(max_examples=15, deadline=None)
@given(small_panels(), st.randoms(use_true_random=False), st.floats(0.01, 1000))
def test_parts_add_up_and_neither_order_nor_unit_matters(panel, random, rate):
    subject = Subject("s", "value", ("region",))
    made = measure_inequality(subject, panel)
    order = list(range(len(panel)))
    random.shuffle(order)
    again = measure_inequality(subject, panel.iloc[order])
    for name in TABLES:
        pd.testing.assert_frame_equal(made[name], again[name])
    table = made["inequality"]
    assert not np.isinf(table[["value", "share"]].to_numpy(dtype=float, na_value=np.nan)).any()
    for measure, names in (
        ("gini", ["within", "between", "transvariation"]),
        ("theil_t", ["within", "between"]),
        ("theil_l", ["within", "between"]),
    ):
        for _, rows in part(table, measure=measure).groupby("year"):
            value = rows.set_index("component")["value"]
            if pd.notna(value["total"]):
                assert value[names].sum() == pytest.approx(value["total"], abs=SAME)
                assert value["total"] > -SAME
                if measure == "gini":
                    assert value["total"] <= 1
    scaled = measure_inequality(subject, panel.assign(value=panel["value"] * rate))
    np.testing.assert_allclose(
        scaled["inequality"]["value"].to_numpy(dtype=float, na_value=np.nan),
        table["value"].to_numpy(dtype=float, na_value=np.nan),
        rtol=1e-7,
        atol=1e-9,
    )


# --- seed ---------------------------------------------------------------------------------------


def seed_rows(repo_dir: Path, name: str) -> list[dict[str, str]]:
    with (repo_dir / "seeds" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_seed_names_what_there_is(repo_dir):
    rows = seed_rows(repo_dir, "comparison_subject")
    indicators = {r["indicator_code"]: r["scopes"] for r in seed_rows(repo_dir, "indicator")}
    better = {r["indicator_code"]: r["direction"] for r in seed_rows(repo_dir, "indicator")}
    indices = {r["index_id"] for r in seed_rows(repo_dir, "index_definition")}
    assert len({r["subject_id"] for r in rows}) == len(rows) >= 4
    for row in rows:
        if row["kind"] == "index":
            assert row["code"] in indices, row
            assert (row["scope"], row["direction"]) == ("", "+")  # scores are made so
        else:
            assert row["scope"] in indicators[row["code"]].split("|"), row
            assert better[row["code"]] in ("", row["direction"]), row
        assert set(row["group_columns"].split("|")) <= {"region", "region_four", "province_code"}
        for column in filter(None, [row["weight_indicator"], *row["controls"].split("|")]):
            assert column in indicators, row


def test_subjects_of_the_seed(repo_dir):
    seed = pd.read_csv(repo_dir / "seeds" / "comparison_subject.csv", dtype=str)
    subjects = {s.id: s for s in subjects_of(seed)}
    assert subjects["nqpf"].column == "index_nqpf" and subjects["nqpf"].weight is None
    assert subjects["nqpf"].no_zero == SCALED and subjects["gdp_per_resident"].no_zero is None
    growing = subjects_of(seed, {"gdp_per_resident": "it may be negative"})
    assert {s.no_zero for s in growing} == {SCALED, "it may be negative", None}
    assert {s.price_basis for s in subjects.values()} == {None}, "the seed alone doesn't say"
    weighed = subjects["gdp_per_resident"]
    assert (weighed.column, weighed.weight) == ("gdp_per_resident", "population_resident")
    districts = seed.iloc[[1]].assign(kind="indicator", scope="districts")
    assert subjects_of(districts)[0].column == f"{districts['code'].item()}_districts"
    with pytest.raises(ValueError, match=r"'nqpf': kind 'table'; expected indicator or index"):
        subjects_of(seed[seed["subject_id"] == "nqpf"].assign(kind="table"))
    with pytest.raises(ValueError, match=r"'nqpf': group_columns is empty"):
        subjects_of(seed[seed["subject_id"] == "nqpf"].assign(group_columns=np.nan))


def test_suspect_values_are_left_out_where_the_subject_says_so() -> None:
    panel = pd.DataFrame(
        {
            "city_code": ["a", "b", "c"],
            "year": 2020,
            "region": "east",
            "gdp": [1.0, 2.0, 9.0],
            "suspect_columns": [None, "gdp_primary, tertiary", "deposits, gdp"],
        }
    )
    subject = Subject("s", "gdp", ("region",))
    assert list(usable_rows(subject, panel)[0]["city_code"]) == ["a", "b", "c"]
    without = replace(subject, leaves_out_suspect=True)
    assert list(usable_rows(without, panel)[0]["city_code"]) == ["a", "b"]
    older = panel.drop(columns="suspect_columns")
    assert len(usable_rows(without, older)[0]) == 3


# --- stored -------------------------------------------------------------------------------------


def warehouse_of(path: Path, panel: pd.DataFrame, vintage: str) -> duckdb.DuckDBPyConnection:
    """A warehouse with just what inequality asks of it."""
    connection = duckdb.connect(str(path))
    connection.register("panel", panel)
    connection.execute(
        "create schema marts; create schema seed;"
        f"create table marts.dataset_version as select '{vintage}' as vintage,"
        " 'simulated' as data_kind;"
        "create table marts.city_year as select * from panel;"
        "create table seed.comparison_subject as select * from (values"
        " ('wealth', 'indicator', 'value', 'total', '+', 'region|half', null, 'control'),"
        " ('absent', 'index', 'absent', null, '+', 'region', null, null)) rows("
        "subject_id, kind, code, scope, direction, group_columns, weight_indicator, controls);"
        "create table seed.indicator as select 'value' as indicator_code, 'yuan' as unit,"
        " 'printed' as kind, 0.0 as valid_min, 'current' as price_basis;"
        "create table seed.derived_term (indicator_code varchar, input_indicator_code varchar,"
        " coefficient double);"
        "create table seed.relative_indicator (indicator_code varchar, base_indicator_code varchar);"
        "create table seed.deflated_indicator (indicator_code varchar, nominal_indicator_code varchar);"
    )
    return connection


def test_tables_are_kept_by_vintage_with_comments_and_steady_types(panel, found, tmp_path):
    first, second = tmp_path / "first.duckdb", tmp_path / "second.duckdb"
    types = (
        "select table_name, column_name, data_type from duckdb_columns()"
        " where schema_name = 'estimates' order by all"
    )
    with warehouse_of(first, panel.assign(value=np.nan), "v1") as connection:
        written = write_inequality(DuckDBWarehouse(connection), None)
        assert written.rows == {
            "estimates.inequality_status": 2,
            "estimates.inequality": 0,
            "estimates.dagum_pair": 0,
            "estimates.convergence": 0,
        }
        empty = connection.execute(types).fetchall()
    with warehouse_of(second, panel, "v2") as connection:
        written = write_inequality(DuckDBWarehouse(connection), first)
        assert connection.execute(types).fetchall() == empty
        for name in TABLES:
            columns = ", ".join(TABLES[name].names)
            own = connection.execute(
                f"select {columns} from estimates.{name}"
                " where vintage = 'v2' and subject_id = 'wealth'"
            ).df()
            pd.testing.assert_frame_equal(
                own.astype(found[name].dtypes.to_dict()), found[name], check_exact=True
            )
        statuses = connection.execute(
            "select vintage, subject_id, status from estimates.inequality_status order by all"
        ).fetchall()
        assert statuses == [
            ("v1", "absent", "no values"),
            ("v1", "wealth", "no values"),
            ("v2", "absent", "no values"),
            ("v2", "wealth", "estimated"),
        ]
        prints = connection.execute(
            "select count(distinct data_fingerprint) from estimates.inequality"
        ).fetchone()
        assert prints == (1,)
        described = connection.execute(
            "select table_name, count(comment), count(*) from duckdb_columns()"
            " where schema_name = 'estimates' group by all"
        ).fetchall()
        assert {name for name, _, _ in described} == set(TABLES)
        assert all(commented == columns for _, commented, columns in described)
    assert set(TABLES) <= set(STORED)


def test_theil_parts_of_the_table_are_those_of_a_direct_call(panel, found):
    rows = panel[panel["year"] == FIRST]
    direct = theil(rows["value"], rows["region"].to_numpy(), index="L")
    key = {"year": FIRST, "group_column": "region", "measure": "theil_l"}
    assert one(found["inequality"], "value", **key, component="within") == pytest.approx(
        direct.within, abs=SAME
    )
    for group, own in zip(direct.groups, direct.group_index, strict=True):
        assert one(found["inequality"], "value", **key, group_name=group) == pytest.approx(
            own, abs=SAME
        )
