"""The release of the embedded sample: whole, right, and marked as simulated wherever it shows."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from e2e_inbox import tree
from e2e_process import CommandLine, Refreshed

from orchestration.sample import service_truth, truth

CITY_YEARS = 3990  # 285 cities x 2009-2022, as in the published tables
INDEX_TOLERANCE = 1e-12  # sums of 15 products in double precision, in another order
PUBLIC = ("marts", "estimates")


@pytest.fixture(scope="module")
def sample_truth() -> pd.DataFrame:
    """The true effect of every city-year."""
    return truth()


def did_estimates(connection: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    return (
        connection.execute(
            "select * from estimates.estimate where study = 'smart_city_nqpf'"
            " and design = 'baseline' and term = 'did' order by column_id"
        )
        .df()
        .set_index("column_id")
    )


# ---- the release as files


def test_manifest_lists_every_file_with_its_checksum(sample: Refreshed) -> None:
    manifest = json.loads((sample.current / "MANIFEST.json").read_text(encoding="utf-8"))
    listed = {name: facts["sha256"] for name, facts in manifest["files"].items()}
    folder = sample.current.resolve()
    found = {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and path.name != "MANIFEST.json"
    }
    assert found == listed
    assert {"warehouse.duckdb", "report/index.html", "data_docs/index.html"} <= set(found)
    assert manifest["rows"]["marts.city_year"] >= CITY_YEARS
    assert manifest["checks"]["failed"] == 0
    assert re.fullmatch(r"2022-[0-9a-f]{8}", manifest["vintage"])


def test_status_finds_it_whole_and_notices_a_changed_byte(
    citypanel: CommandLine, sample: Refreshed, tmp_path: Path
) -> None:
    said = citypanel.run("status", "--release", sample.release)
    assert (said.code, "all checksums agree" in said.out) == (0, True), said.said
    copy = tmp_path / "current"
    copy.mkdir()
    for path in sample.current.resolve().rglob("*"):
        target = copy / path.relative_to(sample.current.resolve())
        if path.is_dir():
            target.mkdir(exist_ok=True)
        elif path.name != "index.html":
            target.hardlink_to(path)
        else:
            target.write_bytes(path.read_bytes() + b"\n")
    said = citypanel.run("status", "--release", tmp_path)
    assert said.code == 1
    assert "report/index.html was changed" in said.out


def test_parquet_holds_what_the_tables_hold(
    sample: Refreshed, sample_db: duckdb.DuckDBPyConnection
) -> None:
    names = sample_db.execute(
        "select table_schema, table_name from information_schema.tables"
        " where table_schema in ('marts', 'estimates') and table_type = 'BASE TABLE' order by all"
    ).fetchall()
    assert len(names) >= 15
    for schema, name in names:
        path = sample.current / "parquet" / schema / f"{name}.parquet"
        read = f"read_parquet('{path}')"
        table = f"{schema}.{name}"
        for one, other in ((table, read), (read, table)):
            left = sample_db.execute(
                f"select count(*) from (from {one} except all from {other})"
            ).fetchone()
            assert left == (0,), f"{one} has rows that {other} lacks"
        described = [
            sample_db.execute(f"describe from {source}").fetchall() for source in (table, read)
        ]
        assert [row[:2] for row in described[0]] == [row[:2] for row in described[1]]


def test_opens_read_only_while_another_process_holds_it(sample: Refreshed) -> None:
    reader = (
        "import duckdb, sys; c = duckdb.connect(sys.argv[1], read_only=True);"
        "print(c.execute('select count(*) from marts.city_year').fetchone()[0], flush=True); input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", reader, str(sample.warehouse)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdout is not None
        held = int(other.stdout.readline())
        with duckdb.connect(str(sample.warehouse), read_only=True) as own:
            assert own.execute("select count(*) from marts.city_year").fetchone() == (held,)
        other.communicate("\n")
    assert other.returncode == 0


READ_ALL = """
import duckdb, sys
connection = duckdb.connect()
connection.execute("attach '" + sys.argv[1] + "' as another_name (read_only)")
found = connection.execute(
    "select schema_name, table_name from duckdb_tables() where database_name = 'another_name'"
    " union all select schema_name, view_name from duckdb_views()"
    " where database_name = 'another_name' and not internal"
).fetchall()
for schema, name in found:
    print("reading", schema, name, flush=True)
    connection.execute(f'select * from another_name."{schema}"."{name}" limit 1').fetchall()
print(len(found))
"""
READING = 600  # seconds for the first row of each of some eighty tables; it takes one


def test_everything_can_be_read_under_another_name(sample: Refreshed) -> None:
    # As an analyst has it who attaches the file; a view that names the catalog it was built in
    # can't be read there. A process of its own, as a query that hangs can't be interrupted.
    with subprocess.Popen(
        [sys.executable, "-c", READ_ALL, str(sample.warehouse)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as reader:
        try:
            said, _ = reader.communicate(timeout=READING)
        except subprocess.TimeoutExpired:
            reader.kill()
            said, _ = reader.communicate()
            begun = [line for line in said.splitlines() if line.startswith("reading")]
            pytest.fail(f"no answer within {READING} s: {begun[-1]}")
    assert reader.returncode == 0, said
    assert int(said.splitlines()[-1]) > 40


def test_no_view_names_a_catalog(sample_db: duckdb.DuckDBPyConnection) -> None:
    views = sample_db.execute(
        "select view_name, sql from duckdb_views() where not internal"
        " and regexp_matches(sql, '\\b(building|warehouse)\\b\"?\\.')"
    ).fetchall()
    assert not views


def test_public_columns_say_what_they_are(sample_db: duckdb.DuckDBPyConnection) -> None:
    silent = sample_db.execute(
        "select schema_name, table_name, column_name from duckdb_columns()"
        " where schema_name in ('marts', 'estimates') and coalesce(comment, '') = ''"
    ).fetchall()
    assert not silent
    # Every indicator column of the wide panel names its unit.
    units = dict(
        sample_db.execute("select indicator_code, unit from marts.dim_indicator").fetchall()
    )
    comments = dict(
        sample_db.execute(
            "select column_name, comment from duckdb_columns()"
            " where schema_name = 'marts' and table_name = 'city_year'"
        ).fetchall()
    )
    checked = 0
    for column, comment in comments.items():
        unit = units.get(column) or units.get(column.removesuffix("_districts"))
        if unit:
            checked += 1
            assert unit in comment, f"{column}: {comment}"
    assert checked > 60


# ---- marked as simulated


def test_everything_says_that_it_is_simulated(
    sample: Refreshed, sample_db: duckdb.DuckDBPyConnection
) -> None:
    for table in ("marts.dataset_version", "marts.city_year", "raw.yearbook_file",
                  "estimates.estimate", "estimates.model_fit", "estimates.study_status",
                  "estimates.sample_account"):  # fmt: skip
        kinds = sample_db.execute(f"select distinct data_kind from {table}").fetchall()
        assert kinds == [("simulated",)], table
    comments = sample_db.execute(
        "select schema_name, table_name, comment from duckdb_tables()"
        " where schema_name in ('marts', 'estimates')"
    ).fetchall()
    for schema, name, comment in comments:
        assert "data_kind: simulated" in (comment or ""), f"{schema}.{name}"
    files = sorted((sample.current / "parquet").rglob("*.parquet"))
    assert len(files) == len(comments)
    for path in files:
        assert pq.read_metadata(path).metadata[b"data_kind"] == b"simulated", path.name
    manifest = json.loads((sample.current / "MANIFEST.json").read_text(encoding="utf-8"))
    assert manifest["data_kind"] == "simulated"
    page = (sample.current / "report" / "index.html").read_text(encoding="utf-8")
    text = re.sub(r"<style.*?</style>|<[^>]+>", " ", page, flags=re.DOTALL)
    assert re.search(r"simulated", text[: text.index("Table")], re.IGNORECASE), "no banner on top"
    assert "SIMULATED" in sample.finished.out


# ---- the index


def entropy_index(figures: pd.DataFrame, components: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Weights and scores by the entropy method, in numpy; one period."""
    values = figures[components["indicator_code"]].to_numpy(float)
    low, high = values.min(axis=0), values.max(axis=0)
    scaled = (values - low) / (high - low)
    negative = (components["direction"] == "-").to_numpy()
    scaled[:, negative] = 1 - scaled[:, negative]
    share = scaled / scaled.sum(axis=0)
    terms = np.where(share > 0, share * np.log(np.where(share > 0, share, 1.0)), 0.0)
    information = 1 + terms.sum(axis=0) / np.log(len(values))
    weight = information / information.sum()
    return (
        pd.Series(weight, components["indicator_code"]),
        pd.Series(scaled @ weight, figures.index),
    )


def test_the_balanced_panel_is_there(
    sample_db: duckdb.DuckDBPyConnection, sample_truth: pd.DataFrame
) -> None:
    found = sample_db.execute(
        "select city_code, year from marts.city_year where index_nqpf is not null"
    ).df()
    assert len(found) == CITY_YEARS
    wanted = sample_truth[["city_code", "year"]]
    assert set(found.itertuples(index=False)) == set(wanted.itertuples(index=False))
    fits = sample_db.execute(
        "select distinct n_obs, n_units, n_clusters, n_periods from estimates.model_fit"
        " where study = 'smart_city_nqpf' and design = 'baseline'"
    ).fetchall()
    assert fits == [(CITY_YEARS, 285, 285, 14)]


def test_index_equals_an_independent_calculation(
    sample_db: duckdb.DuckDBPyConnection, repo_dir: Path, sample_truth: pd.DataFrame
) -> None:
    components = pd.read_csv(repo_dir / "seeds" / "index_component.csv")
    panel = sample_truth[["city_code", "year"]]
    figures = (
        sample_db.execute(
            "select city_code, year, indicator_code, value from marts.indicator_value where scope = 'total'"
        )
        .df()
        .merge(panel, on=["city_code", "year"])
        .pivot(index=["city_code", "year"], columns="indicator_code", values="value")
    )
    for index_id, by in (("nqpf", None), ("nqpf_per_year", "year")):
        own = components[components["index_id"] == "nqpf"]  # the other borrows them
        assert len(own) == 15
        scores = sample_db.execute(
            "select city_code, year, score from marts.index_score where index_id = ?", [index_id]
        ).df().set_index(["city_code", "year"])["score"]  # fmt: skip
        parts = [("pooled", figures)] if by is None else list(figures.groupby(level=by))
        for period, part in parts:
            weight, score = entropy_index(part, own)
            shown = dict(
                sample_db.execute(
                    "select indicator_code, weight from marts.index_weight"
                    " where index_id = ? and period = ?", [index_id, str(period)],
                ).fetchall()
            )  # fmt: skip
            np.testing.assert_allclose(
                [shown[code] for code in weight.index], weight, rtol=0, atol=INDEX_TOLERANCE
            )
            np.testing.assert_allclose(
                scores.reindex(score.index), score, rtol=0, atol=INDEX_TOLERANCE
            )


# ---- the estimates


def test_table_2_finds_the_truth(
    sample_db: duckdb.DuckDBPyConnection, sample_truth: pd.DataFrame
) -> None:
    did = did_estimates(sample_db)
    assert list(did.index) == ["1", "2", "3", "4", "5"]
    effect = sample_truth.loc[sample_truth["did"] == 1, "effect"].mean()
    for column in ("4", "5"):  # both effects: what the truth is about
        row = did.loc[column]
        assert row["ci_low"] < effect < row["ci_high"], column
        assert abs(row["estimate"] - effect) < 0.5 * row["std_error"], column
    # Column 3 keeps the growth that all cities share, columns 1 and 2 also what sets pilots apart.
    assert did.loc["3", "ci_low"] > did.loc["5", "ci_high"]
    assert did.loc["1", "estimate"] > did.loc["2", "estimate"] > did.loc["5", "estimate"]


def test_service_study_finds_the_planted_efficiency(
    sample_db: duckdb.DuckDBPyConnection,
) -> None:
    """The logarithm of the slacks-based score finds the planted effect.

    The frontier caps a CCR score at 1, so that cities near it show a part of what they gained: its estimate keeps
    at least half of the truth.
    """
    planted = service_truth()
    treated = planted["did"] == 1
    wanted = 100 * planted.loc[treated, "effect"].mean()
    found = sample_db.execute(
        "select design, column_label, estimate, ci_low, ci_high, statistic from estimates.estimate"
        " inner join estimates.study_column using (vintage, study, method, design, column_id)"
        " where study = 'smart_city_service_efficiency' and term = 'did'"
    ).df()
    ln_sbm = found[found["column_label"] == "SBM, ln"].iloc[0]
    assert ln_sbm["ci_low"] < wanted < ln_sbm["ci_high"]
    assert abs(ln_sbm["estimate"] - wanted) < 0.2 * wanted
    ln_ccr = found[found["column_label"] == "Constant returns, ln"].iloc[0]
    assert 0.5 * wanted < ln_ccr["estimate"] < wanted
    baseline = found[found["design"] == "baseline"].set_index("column_label")["statistic"]
    assert (baseline[["City and year effects", "City and year effects, controls"]] > 3).all()
    east, west = (found[found["column_label"] == name].iloc[0] for name in ("East", "West"))
    by_region = planted[treated].groupby("region")["effect"].mean()
    assert by_region["east"] > by_region["west"] and east["estimate"] > west["estimate"]
    mediated = sample_db.execute(
        "select ci_low from estimates.mediation where study = 'smart_city_service_efficiency'"
    ).df()
    assert len(mediated) == 3
    assert (mediated["ci_low"] > 0).all()  # both channels are planted; one is measured twice


def test_table_2_equals_a_regression_on_the_truth_panel(
    sample_db: duckdb.DuckDBPyConnection, sample_truth: pd.DataFrame
) -> None:
    """Column 4 on the outcome that the simulation states, not the one that the pipeline computed."""
    wide = sample_truth.pivot(index="city_code", columns="year")
    y, x = (wide[name].to_numpy(float) for name in ("outcome_policy", "did"))
    y, x = (v - v.mean(0) - v.mean(1, keepdims=True) + v.mean() for v in (y, x))
    # The simulation knows figures before they are rounded for print and gaps are filled.
    printed = 0.005
    assert did_estimates(sample_db).loc["4", "estimate"] == pytest.approx(
        (x * y).sum() / (x * x).sum(), abs=printed
    )


# ---- again


def test_unchanged_input_rewrites_nothing(citypanel: CommandLine, sample: Refreshed) -> None:
    before = tree(sample.release / "archive")
    link = (sample.current.readlink(), sample.current.lstat().st_ino)
    again = citypanel.run("refresh", "--release", sample.release)
    print(f"unchanged input: {again.seconds:.1f} s")
    assert again.code == 0, again.said
    assert "nothing has changed" in again.err
    assert tree(sample.release / "archive") == before
    assert (sample.current.readlink(), sample.current.lstat().st_ino) == link
    assert not any((sample.release / ".build").glob("*"))


# ---- what the refresh says


def test_progress_and_summary(sample: Refreshed) -> None:
    err, out = sample.finished.err, sample.finished.out
    steps = ("read files", "build observations", "check observations", "build indicators",
             "check indicators", "build panel", "check panel", "estimate studies",
             "check estimates", "write report", "release")  # fmt: skip
    positions = [err.index(f"✓ {name}") for name in steps]
    assert positions == sorted(positions)
    for words in (
        f"release   {sample.current.resolve()}", "report    ", "files, ", " cells",
        "passed, ", "city_year 4,", "indicator_value ", "smart_city_nqpf, baseline", "(5) ",
        "n = 3,990, cities = 285", "done in ",
    ):  # fmt: skip
        assert words in out, words
    assert len(out.splitlines()) < 48, "the summary is longer than a screen"


def test_log_is_kept(sample: Refreshed) -> None:
    """One file per run, named at the end; it holds what the screen showed, and more."""
    last = sample.finished.out.splitlines()[-1]
    path = Path(last.removeprefix("log in "))
    assert re.fullmatch(r"refresh-\d{8}T\d{6}Z-\d+\.log", path.name), last
    log = path.read_text(encoding="utf-8")
    shown = [line[9:] for line in sample.finished.err.splitlines() if " INFO " not in line]
    assert len(shown) > 20
    for line in shown:
        assert line in log, line
