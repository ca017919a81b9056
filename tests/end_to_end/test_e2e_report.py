"""The report of a release made again from the release alone, by the command line."""

from pathlib import Path

import duckdb
from e2e_process import CommandLine, Refreshed


def test_the_report_made_again_is_the_same_to_the_last_byte(
    citypanel: CommandLine, sample: Refreshed, tmp_path: Path
) -> None:
    said = citypanel.run("report", "--release", sample.release, "--to", tmp_path)
    assert said.code == 0, said.said
    again = (tmp_path / "index.html").read_bytes()
    assert again == (sample.release / "current" / "report" / "index.html").read_bytes()


def test_a_release_of_the_archive_is_named_by_its_own_folder(
    citypanel: CommandLine, sample: Refreshed, tmp_path: Path
) -> None:
    folder = (sample.release / "current").resolve()
    said = citypanel.run("report", "--release", folder, "--to", tmp_path)
    assert said.code == 0, said.said
    assert str(tmp_path / "index.html") in said.out


def test_the_release_itself_is_only_read(citypanel: CommandLine, sample: Refreshed) -> None:
    folder = (sample.release / "current").resolve() / "report"
    said = citypanel.run("report", "--release", sample.release, "--to", folder)
    assert said.code != 0 and "give another folder" in said.err


def test_what_the_gates_found_is_in_the_release(sample: Refreshed) -> None:
    with duckdb.connect(
        str(sample.release / "current" / "warehouse.duckdb"), read_only=True
    ) as released:
        rules = released.execute(
            "select count(*), count(distinct gate), count(*) filter (where reason is null)"
            " from release.check_result"
        ).fetchone()
    assert rules is not None and rules[0] > 80 and rules[1] == 5 and rules[2] == 0
