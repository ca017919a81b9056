"""The command line where it ends at once: help, calls that can't be used, releases out of order."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import duckdb
import pytest
from e2e_inbox import good_inbox
from e2e_process import CommandLine, Refreshed


def test_help(citypanel: CommandLine) -> None:
    said = citypanel.run("--help")
    assert said.code == 0
    for command in ("refresh", "status", "trace"):
        assert command in said.out
    said = citypanel.run("refresh", "--help")
    for option in ("--inbox", "--release", "--force"):
        assert option in said.out


@pytest.mark.parametrize("arguments", [(), ("refrehs",), ("trace", "襄阳市", "year", "gdp")])
def test_call_that_cannot_be_used(arguments: tuple[str, ...], citypanel: CommandLine) -> None:
    said = citypanel.run(*arguments)
    assert said.code == 2
    assert "usage: citypanel" in said.err


def test_absent_inbox(citypanel: CommandLine, tmp_path: Path) -> None:
    said = citypanel.refresh(tmp_path / "nowhere", tmp_path / "release")
    assert said.code == 2
    assert f"{tmp_path / 'nowhere'} is no folder" in said.err
    assert "make refresh INBOX=" in said.err
    assert not (tmp_path / "release" / "current").exists()


def test_empty_inbox(citypanel: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "inbox").mkdir()
    said = citypanel.refresh(tmp_path / "inbox", tmp_path / "release")
    assert said.code == 2
    assert "holds no file: put yearbook files there" in said.err


def test_inbox_that_is_a_file(citypanel: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "book.xlsx").write_bytes(b"")
    said = citypanel.refresh(tmp_path / "book.xlsx", tmp_path / "release")
    assert said.code == 2
    assert "is no folder" in said.err


HEADER = b"file_pattern,publisher,edition,statistic_year,licence,citation,data_kind\n"
SIDECARS = {
    "empty": (b"", ["file_pattern is missing"]),
    "unknown column": (b"file_pattern,colour\n*.xlsx,red\n", ["unknown: colour"]),
    "year in words": (HEADER + b"*.xlsx,,last year,,,,\n", ["line 2", "column edition", "four digits"]),
    "unknown kind": (HEADER + b"*.xlsx,,,,,,true\n", ["line 2", "data_kind", "'true'"]),
    "no pattern": (HEADER + b",Press,,,,,\n", ["line 2", "file_pattern", "empty"]),
    "comma too many": (HEADER + b"*.xlsx,A, B,2015,,CC0,text,,\n", ["line 2", "more fields", "quotes"]),
    "column twice": (b"file_pattern,edition,edition\n*.xlsx,2015,2016\n", ["twice: edition"]),
    "open quote": (HEADER + b'"*.xlsx,,,,,,\n', ["a quotation mark is open"]),
    "year 9999": (HEADER + b"*.xlsx,,9999,,,,\n", ["column edition", "from 1900 to 2100"]),
    "no text": (HEADER + b"\xff\x80\xff,,,,,,\n", ["neither UTF-8 nor GB18030"]),
    "a workbook": (b"PK\x03\x04\x00\x00\x01", ["sources.csv"]),
}  # fmt: skip


@pytest.mark.parametrize("case", SIDECARS)
def test_malformed_declarations(case: str, citypanel: CommandLine, tmp_path: Path) -> None:
    content, words = SIDECARS[case]
    inbox = good_inbox(tmp_path / "inbox", 3)
    (inbox / "sources.csv").write_bytes(content)
    said = citypanel.refresh(inbox, tmp_path / "release")
    assert said.code == 2, said.said
    assert "Traceback" not in said.said
    for word in [str(inbox / "sources.csv"), *words]:
        assert word in said.err, said.err
    assert not (tmp_path / "release" / "current").exists()


@pytest.mark.parametrize("command", [("status",), ("trace", "襄阳市", "2015", "gdp")])
def test_no_release_yet(command: tuple[str, ...], citypanel: CommandLine, tmp_path: Path) -> None:
    said = citypanel.run(*command, "--release", tmp_path)
    assert said.code == 1
    assert f"no release in {tmp_path}; make one with: make refresh" in said.out


def test_release_folder_that_is_a_file(citypanel: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "release").write_text("taken")
    said = citypanel.refresh(good_inbox(tmp_path / "inbox", 3), tmp_path / "release")
    assert said.code == 1
    assert "Traceback" not in said.said
    assert str(tmp_path / "release") in said.err
    assert (tmp_path / "release").read_text() == "taken"


def test_foreign_files_in_the_folder_of_the_sample(citypanel: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "state" / "sample").mkdir(parents=True)
    kept = tmp_path / "state" / "sample" / "mine.xlsx"
    kept.write_text("mine")
    said = citypanel.run(
        "refresh", "--release", tmp_path / "release", CITYPANEL_STATE=str(tmp_path / "state")
    )
    assert said.code == 2, said.said
    assert "files that are not the sample's" in said.err
    assert kept.read_text() == "mine"


@pytest.mark.parametrize("content", ["", "{", "[]", json.dumps({"vintage": "x"})])
def test_manifest_out_of_order(
    content: str, citypanel: CommandLine, small: Refreshed, tmp_path: Path
) -> None:
    shutil.copytree(small.release, tmp_path / "release", symlinks=True)
    (tmp_path / "release" / "current" / "MANIFEST.json").write_text(content)
    said = citypanel.run("status", "--release", tmp_path / "release")
    assert said.code == 1
    assert "Traceback" not in said.said


def test_damaged_warehouse(citypanel: CommandLine, small: Refreshed, tmp_path: Path) -> None:
    release = tmp_path / "release"
    shutil.copytree(small.release, release, symlinks=True)
    damaged = release / "current" / "warehouse.duckdb"
    damaged.write_bytes(b"no database" * 1000)
    said = citypanel.run("status", "--release", release)
    assert said.code == 1
    assert "warehouse.duckdb was changed" in said.out
    said = citypanel.run("trace", "石家庄市", 2013, "gdp", "--release", release)
    assert said.code == 2, said.said
    assert "can't be opened" in said.err
    assert "Traceback" not in said.said
    # Earlier vintages stand in it: they aren't given up in silence, and the way out is said.
    assert small.inbox is not None
    said = citypanel.refresh(small.inbox, release)
    assert said.code == 2, said.said
    assert "the release in place is damaged: warehouse.duckdb was changed" in said.err
    assert "· read files" not in said.err, "it stops before the work"
    assert f"{damaged} can't be opened" in said.err
    assert f"move {release / 'current'} away" in said.err
    assert damaged.read_bytes() == b"no database" * 1000


def test_release_of_other_code(citypanel: CommandLine, small: Refreshed, tmp_path: Path) -> None:
    """A release of an older version may lack what a trace reads: said in words."""
    shutil.copytree(small.release, tmp_path / "release", symlinks=True)
    with duckdb.connect(str(tmp_path / "release" / "current" / "warehouse.duckdb")) as connection:
        for (view,) in connection.execute(
            "select schema_name || '.' || view_name from duckdb_views() where not internal"
        ).fetchall():
            connection.execute(f"drop view if exists {view} cascade")
        connection.execute("alter table marts.indicator_value drop column fill_method")
    said = citypanel.run("trace", "石家庄市", 2013, "gdp", "--release", tmp_path / "release")
    assert said.code == 2, said.said
    assert "Traceback" not in said.said
    assert "was made by code version" in said.err
    assert "fill_method" in said.err


def test_unchanged_input_rewrites_nothing_in_a_small_release(
    citypanel: CommandLine, small: Refreshed
) -> None:
    assert small.inbox is not None
    again = citypanel.refresh(small.inbox, small.release)
    assert again.code == 0, again.said
    assert "nothing has changed since release" in again.err
    assert "release   " in again.out


def test_terminal_without_chinese(citypanel: CommandLine, small: Refreshed) -> None:
    import os
    import subprocess
    import sys

    done = subprocess.run(
        [sys.executable, "-m", "orchestration.commands.main", "trace", "石家庄市", "2013", "gdp",
         "--release", str(small.release)],
        env={**os.environ, "PYTHONIOENCODING": "ascii"}, capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert b"\\u77f3\\u5bb6\\u5e84" in done.stdout


def test_audit_of_the_own_tables(citypanel: CommandLine, sample: Refreshed) -> None:
    """The auditor raises no alarm on what the release prints, and looks at all of it."""
    said = citypanel.run("audit", "--release", sample.release)
    assert said.code == 0, said.out
    words = said.out.split()
    assert int(words[words.index("coefficients,") - 1].replace(",", "")) > 400


def test_audit_of_a_table(citypanel: CommandLine, tmp_path: Path) -> None:
    table, found = tmp_path / "table.csv", tmp_path / "found.csv"
    table.write_text(",(1)\ndid,0.184***\n,(2.911)\nF,10.241\n", encoding="utf-8")
    said = citypanel.run("audit", table, "--to", found)
    assert said.code == 1
    assert "its t squared: 8.471 to 8.4768" in said.out
    assert found.read_text(encoding="utf-8").splitlines()[1].startswith("f_of_one_regressor,")
    said = citypanel.run("audit", tmp_path / "absent.csv")
    assert said.code == 2
    assert "absent.csv can't be read" in said.err
