"""The contract: what holds of every method, asked of each by a toy study.

A method that breaks it breaks somebody else: a table without rules, an asset that nobody makes, numbers
that follow the order of rows. Its own numbers are its own tests' business (`tests/methods/<key>/`).
"""

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
from contract_toy import HERE, contract, toy_estimates, toy_panel, toy_study

import analysis.methods
from analysis.methods.registry import METHODS
from analysis.methods.studies import StudyEstimates, tables_of
from analysis.report import ReportData
from analysis.report.page import render_html
from analysis.report.section import needed
from analysis.report.sections import contents
from analysis.tables import Table
from analysis.typeset.svg import inline_svg
from orchestration.engine.duck import DuckDBWarehouse
from orchestration.engine.protocol import UnknownName
from orchestration.errors import NotFound
from orchestration.estimating.rules import declared_rule, method_rules
from orchestration.estimating.tables import PROVENANCE, TABLES
from orchestration.estimating.vintages import stamped
from orchestration.reporting.frames import frame_of

ROOMS = Path(analysis.methods.__file__).parent
KEYS = tuple(METHODS)
PARTS = ("__init__", "spec", "tables", "run", "rules", "section")
"""Modules, or folders, of a room."""

SCALE = 1e8
SAME_BUT_FOR_SCALE = 1e-6
"""Relative to the number or, for differences of coefficients, its error: what a factor of 1e8 on a control
may leave of rounding."""

STAMP = {"vintage": "v", "data_kind": "published", "data_fingerprint": "f", "code_version": "c"}
SEEDS = ("0", "1", "4711")


@cache
def estimated(key: str) -> StudyEstimates:
    return toy_estimates(key, toy_panel())


def terms_of(key: str) -> set[str]:
    """All that the equations of a method's toy design have on their right."""
    study = toy_study(key)
    (design,) = study.designs_of(key)
    return {term for one in METHODS[key].equations(study, design) for term in one.terms}


def digest(made: StudyEstimates) -> str:
    """One hash of all frames, every bit of every number counted."""
    found = hashlib.sha256()
    for name, frame in sorted(made.frames.items()):
        text = frame.map(lambda v: v.hex() if isinstance(v, float) else str(v)).to_csv(index=False)
        found.update(f"{name}\n{text}".encode())
    return found.hexdigest()


def rooms() -> set[str]:
    return {path.name for path in ROOMS.iterdir() if (path / "__init__.py").is_file()}


# --- the room ------------------------------------------------------------------------------------


def test_every_room_is_in_the_registry_and_every_method_has_a_room():
    assert rooms() == set(METHODS)


def missing_parts(key: str) -> list[str]:
    """What a method lacks of room and tests."""
    room, tests, method = ROOMS / key, HERE / key, METHODS.get(key)
    if method is None:
        return ["a line in the registry"]
    lacks = [
        part for part in PARTS
        if not (room / f"{part}.py").is_file() and not (room / part / "__init__.py").is_file()
    ]  # fmt: skip
    lacks += [name for name in ("tables.md", "texts.pot") if not (room / name).is_file()]
    lacks += [] if list(room.rglob("*.html.j2")) else ["a template"]
    lacks += [] if (tests / "contract.yml").is_file() else ["contract.yml"]
    lacks += [] if list(tests.glob("test_*.py")) else ["tests"]
    lacks += [] if method.section is not None else ["METHOD.section"]
    lacks += [] if method.sources else ["METHOD.sources"]
    return lacks


@pytest.mark.parametrize("key", KEYS)
def test_a_room_has_all_its_parts(key):
    assert missing_parts(key) == []
    method = METHODS[key]
    assert method.key == key and method.title
    assert {"id", "title"} <= set(method.design.model_fields)


# --- numbers -------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", KEYS)
def test_the_toy_is_estimated_and_fills_the_common_tables(key):
    frames = estimated(key).frames
    assert frames["design_status"]["status"].tolist() == ["estimated"], frames["design_status"]
    estimate, fit, told = (frames[n] for n in ("estimate", "model_fit", "study_column"))
    assert len(estimate) and (fit["status"] == "estimated").any()
    columns = ["study", "method", "design", "column_id"]
    keys = {tuple(row) for row in told[columns].itertuples(index=False)}
    assert {tuple(row) for row in estimate[columns].itertuples(index=False)} <= keys
    assert {tuple(row) for row in fit[columns].itertuples(index=False)} == keys
    assert set(estimate["term"]) <= set(frames["study_term"]["term"])
    assert "pilot" in set(estimate["term"])
    assert set(estimate["method"]) == {key}
    for table in METHODS[key].tables:
        assert len(frames[table.name]), f"the toy leaves {table.name} empty: give it more to do"


@pytest.mark.parametrize("key", KEYS)
def test_suspect_and_interpolated_figures_of_its_samples_are_counted_and_said(key):
    """Two city-years of the toy have a suspect wealth, one of them a suspect structure and imputed density.

    A method whose equations have none of the toy's controls has nothing to say of them.
    """
    frames = estimated(key).frames
    if not {"wealth", "density"} & terms_of(key):
        assert frames["sample_mark"].empty
        assert not set(frames["study_note"]["kind"]) & {"suspect", "imputed"}
        return
    notes = frames["study_note"].set_index("kind")["note"]
    n = 2 if key != "robustness" else 4  # a variation takes controls of the year before
    assert f"check (marts.figure_check) are behind {n} of " in notes["suspect"]
    assert f" of 2 cities: Wealth {n}" in notes["suspect"]
    assert ("Structure 1" in notes["suspect"]) == (key == "threshold")
    assert notes["imputed"].startswith(f"Interpolated figures are behind {n // 2} of ")
    assert notes["imputed"].endswith(f" of 1 city: Density {n // 2}")
    marks = frames["sample_mark"]
    suspect = marks[(marks["mark"] == "suspect") & (marks["variable"] == "wealth")]
    assert suspect["n_rows"].max() == 2
    steps = frames["sample_account"].query("step == 'used'").set_index("column_id")["n_rows"]
    np.testing.assert_allclose(
        suspect["share"], suspect["n_rows"] / suspect["column_id"].map(steps)
    )


@pytest.mark.parametrize("key", KEYS)
def test_tables_are_as_declared(key):
    frames = estimated(key).frames
    for name, table in tables_of(METHODS).items():
        frame = frames[name]
        assert {c: str(t) for c, t in frame.dtypes.items()} == table.kinds, name
        assert not frame.duplicated(list(table.keys)).any(), name


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda panel: panel.head(0), "no row of the study"),
        (lambda panel: panel.assign(index=np.nan), "index has no value"),
    ],
)
def test_data_that_can_not_answer_give_a_reason_and_no_number(key, change, reason):
    frames = toy_estimates(key, change(toy_panel())).frames
    (status,) = frames["design_status"].to_dict("records")
    assert status["status"] == "skipped" and reason in status["detail"]
    assert frames["estimate"].empty


@pytest.mark.parametrize("key", KEYS)
def test_the_order_of_rows_and_columns_changes_no_byte(key):
    shuffled = toy_panel().sample(frac=1, random_state=1)
    assert digest(toy_estimates(key, shuffled[sorted(shuffled.columns)])) == digest(estimated(key))


def test_the_same_bytes_come_twice_and_under_any_hash_seed():
    here = {key: digest(estimated(key)) for key in KEYS}
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from test_every_method import KEYS, digest, estimated\n"
        "print(*(digest(estimated(key)) for key in KEYS))"
    )
    for seed in SEEDS:
        told = subprocess.run(
            [sys.executable, "-c", code, str(HERE)], check=True, capture_output=True, text=True,
            env={**os.environ, "PYTHONHASHSEED": seed}, cwd=ROOMS.parents[1],
        )  # fmt: skip
        assert dict(zip(KEYS, told.stdout.split(), strict=True)) == here, seed


@pytest.mark.parametrize("key", KEYS)
def test_a_control_in_other_units_changes_its_own_coefficient_alone(key):
    """Numbers must not follow the unit of a control: yuan or 100 million yuan."""
    panel = toy_panel()
    scaled = toy_estimates(key, panel.assign(wealth=panel["wealth"] * SCALE)).frames
    plain = estimated(key).frames
    merged = plain["estimate"].merge(
        scaled["estimate"], on=["column_id", "term", "at_point"], suffixes=("", "_scaled")
    )
    assert len(merged) == len(plain["estimate"]) == len(scaled["estimate"])
    factor = np.where(merged["term"] == "wealth", SCALE, 1.0)
    error = merged["std_error"].to_numpy(float)
    for name in ("estimate", "std_error"):
        there = merged[f"{name}_scaled"].to_numpy(float) * factor
        assert (
            np.abs(there - merged[name].to_numpy(float)).max() < SAME_BUT_FOR_SCALE * error.min()
        ), name
    for table in METHODS[key].tables:
        assert_same(plain[table.name], scaled[table.name], table)


def assert_same(one: pd.DataFrame, other: pd.DataFrame, table: Table) -> None:
    """Own tables are the same but for rows of the control itself."""
    assert len(one) == len(other), table.name
    kept = np.ones(len(one), dtype=bool)
    if "term" in one:
        kept = (one["term"] != "wealth").to_numpy(bool)
    for column in table.columns:
        left, right = one[column.name][kept], other[column.name][kept]
        if column.name == "spec_hash":
            continue
        if column.type != "Float64":
            assert left.tolist() == right.tolist(), f"{table.name}.{column.name}"
            continue
        a, b = left.to_numpy(float, na_value=np.nan), right.to_numpy(float, na_value=np.nan)
        np.testing.assert_allclose(
            a,
            b,
            rtol=SAME_BUT_FOR_SCALE,
            atol=SAME_BUT_FOR_SCALE,
            err_msg=f"{table.name}.{column.name}",
        )


@pytest.mark.parametrize("key", [key for key in KEYS if METHODS[key].check is not None])
def test_the_referee_agrees(key):
    check = estimated(key).frames["reference_check"]
    assert len(check) and check["agrees"].all(), check
    released = estimated(key).frames["estimate"].merge(check[["column_id"]].drop_duplicates())
    names = ["column_id", "term", "at_point"]
    told = {tuple(row) for row in check[names].fillna("").itertuples(index=False)}
    for row in released[names].fillna("").itertuples(index=False):
        assert tuple(row) in told, f"of a column that is checked {tuple(row)} isn't"


# --- what others make of the tables --------------------------------------------------------------


@pytest.fixture
def warehouse(request: pytest.FixtureRequest) -> Iterator[DuckDBWarehouse]:
    """The tables of a method's toy as a release has them, and what rules and pages ask beside."""
    with duckdb.connect() as connection:
        opened = DuckDBWarehouse(connection)
        made = estimated(request.param).frames
        for name, table in TABLES.items():
            rows = stamped(made[name], STAMP) if name in made else table.frame()
            opened.write("estimates", name, rows, table.comments)
        connection.execute(
            "create schema marts; create table marts.dataset_version as select 'v' as vintage;"
            "create table marts.dim_city as select distinct 110000::varchar as city_code,"
            " '襄阳市' as name_zh"
        )
        yield opened


def broken(warehouse: DuckDBWarehouse, rule: dict) -> int:
    query = rule["unexpected_rows_query"].format(batch=rule["table"])
    return len(warehouse.rows(query))


@pytest.mark.parametrize("warehouse", KEYS, indirect=True)
def test_each_rule_that_follows_from_a_declaration_passes_and_breaks(warehouse, request):
    key = request.node.callspec.params["warehouse"]
    for name in (*tables_of({}), *(table.name for table in METHODS[key].tables)):
        rule = declared_rule("estimates", TABLES[name])
        assert broken(warehouse, rule) == 0, warehouse.rows(
            rule["unexpected_rows_query"].format(batch=rule["table"])
        )[:3]
        if warehouse.row(f"select count(*) from estimates.{name}") == (0,):
            continue
        warehouse.run(f"insert into estimates.{name} select * from estimates.{name}")
        assert broken(warehouse, rule), f"{name}: rows with the same key went unseen"


@pytest.mark.parametrize("warehouse", KEYS, indirect=True)
def test_each_rule_of_the_method_passes_and_breaks(warehouse, request):
    key = request.node.callspec.params["warehouse"]
    names = {rule.id for rule in METHODS[key].rules}
    breaks = contract(key).get("breaks") or {}
    assert set(breaks) == names, "contract.yml: one entry of breaks for each rule of the room"
    for rule in method_rules():
        if rule["id"] in names:
            assert broken(warehouse, rule) == 0, rule["id"]
    for rule in method_rules():
        if rule["id"] in names:
            warehouse.run("begin transaction")
            warehouse.run(breaks[rule["id"]])
            assert broken(warehouse, rule), f"{rule['id']} did not see: {breaks[rule['id']]}"
            warehouse.run("rollback")


def page_of(key: str, frames: dict[str, pd.DataFrame]) -> str:
    section = METHODS[key].section()
    assert section.id == key
    data = ReportData("published", "v", "c", "f", frames)
    return render_html(data, contents((section,)))


AXES_SHARE = 0.55
"""Least share of a figure's width that its axes have together: names left of an axis take up to two fifths."""


@pytest.fixture
def roomy(monkeypatch) -> None:
    """A figure whose legend or labels squeeze its axes fails as it is drawn."""

    def checked(figure, key, *rest):
        drawn = inline_svg(figure, key, *rest)
        share = sum(axes.get_position().width for axes in figure.axes)
        assert share > AXES_SHARE, f"{key}: axes have {share:.0%} of the width"
        return drawn

    monkeypatch.setattr("analysis.typeset.drawing.inline_svg", checked)


@pytest.mark.parametrize("warehouse", KEYS, indirect=True)
def test_the_section_renders_full_and_empty(warehouse, roomy, request):
    key = request.node.callspec.params["warehouse"]
    frames = {}
    for name in needed(contents((METHODS[key].section(),))):
        with suppress(UnknownName, NotFound):  # frames of the input and the marts: the toy has none
            frames[name] = frame_of(warehouse, name)
            asked = set(needed(contents((METHODS[key].section(),)))[name].all)
            assert asked <= set(frames[name]), f"the query of {name} leaves out a column"
    full = page_of(key, frames)
    title = contract(key)["design"]["title"]
    assert title in full and "A toy study" in full
    assert "the roster lists 51 of 55 announced entries (batch 2 21 of 25)" in full
    empty = page_of(key, {})
    assert title not in empty


def test_provenance_comes_first_in_every_table():
    for table in TABLES.values():
        assert table.columns[: len(PROVENANCE)] == PROVENANCE, table.name
