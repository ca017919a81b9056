"""A study tried on a release: the figures of the refresh, and nothing left behind."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pandas as pd
from e2e_process import CommandLine, Refreshed

from orchestration.settings import STUDIES

STUDY = "smart_city_nqpf"
KEY = ["design", "column_id", "term"]


def _seen(folder: Path) -> dict[str, int]:
    return {str(path): path.stat().st_mtime_ns for path in folder.rglob("*")}


def test_a_trial_gives_the_figures_of_the_refresh_and_changes_nothing(
    citypanel: CommandLine,
    sample: Refreshed,
    sample_db: duckdb.DuckDBPyConnection,
    tmp_path: Path,
) -> None:
    before = _seen(sample.release / "archive")
    done = citypanel.run(
        "study", "run", STUDIES / f"{STUDY}.yml", "--method", "regression", "--to", tmp_path / "to",
        "--release", sample.release,
    )  # fmt: skip
    assert done.code == 0, done.err
    assert "nothing was released" in done.out
    assert _seen(sample.release / "archive") == before
    tried = pd.read_csv(tmp_path / "to" / f"{STUDY}-estimate.csv", dtype={"column_id": str})
    released = sample_db.execute(
        f"select {', '.join(KEY)}, estimate, std_error from estimates.estimate"
        " where study = ? and method = 'regression' order by rowid",
        [STUDY],
    ).df()
    assert len(released)
    assert tried[KEY].to_numpy().tolist() == released[KEY].to_numpy().tolist()
    for figure in ("estimate", "std_error"):
        assert tried[figure].tolist() == released[figure].tolist()
    text = (tmp_path / "to" / "tables.md").read_text(encoding="utf-8")
    assert "SIMULATED DATA" in text
    assert f"{released['estimate'].iloc[0]:.3f}" in text


def test_check_names_a_slip(citypanel: CommandLine, sample: Refreshed, tmp_path: Path) -> None:
    text = (STUDIES / f"{STUDY}.yml").read_text(encoding="utf-8")
    assert "column: urbanisation\n" in text
    file = tmp_path / f"{STUDY}.yml"
    file.write_text(
        text.replace("column: urbanisation\n", "column: urbanisatoin\n"), encoding="utf-8"
    )
    done = citypanel.run("study", "check", file, "--release", sample.release)
    assert (done.code, "did you mean 'urbanisation'?" in done.err) == (2, True)


def test_check_names_columns_without_a_value(citypanel: CommandLine, sample: Refreshed) -> None:
    done = citypanel.run(
        "study", "check", STUDIES / "broadband_nqpf_real.yml", "--release", sample.release
    )
    assert (done.code, "! nqpf_cao_dai: no value in" in done.out) == (1, True)


def test_tables_are_not_written_into_a_release(citypanel: CommandLine, sample: Refreshed) -> None:
    done = citypanel.run(
        "study", "run", STUDIES / f"{STUDY}.yml", "--to", sample.release / "current" / "x",
        "--release", sample.release,
    )  # fmt: skip
    assert done.code == 2
    assert "which are only read" in done.err
