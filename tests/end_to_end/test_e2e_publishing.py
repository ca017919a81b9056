"""A refresh that changes something leaves a draft where the policy asks for it, and says what moved."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pytest
from e2e_inbox import YEARBOOK, panel_rows, write_rows
from e2e_process import CommandLine, Refreshed

from orchestration.estimating.rules import GATE, further_rules


def corrected(small: Refreshed, folder: Path) -> Path:
    """The small inbox with one GDP a thousandth higher."""
    assert small.inbox is not None
    inbox = folder / "inbox"
    shutil.copytree(small.inbox, inbox)
    rows = panel_rows(60)
    rows[1][2] = int(rows[1][2] * 1.001)  # type: ignore[call-overload]
    write_rows(inbox / YEARBOOK / "2-4 good.xlsx", rows)
    return inbox


def test_a_correction_is_reviewed_published_and_withdrawn(
    citypanel: CommandLine, small: Refreshed, tmp_path: Path
) -> None:
    release = tmp_path / "release"
    shutil.copytree(small.release, release, symlinks=True)
    (release / "publishing.yml").write_text("publish: review\nkeep: {whole: 1}\n")
    inbox = corrected(small, tmp_path)
    standing = (release / "current").readlink()

    made = citypanel.refresh(inbox, release)
    assert made.code == 0, made.said
    assert "waits as a DRAFT" in made.out
    assert (release / "current").readlink() == standing
    changes = (release / "draft" / "CHANGES.md").read_text(encoding="utf-8")
    assert "Printed figures that were revised (1)" in changes
    line = next(
        line for line in changes.splitlines() if line.startswith("| gdp | `石家庄市` | 2012 |")
    )
    assert line.count("2-4 good.xlsx ! 2-4 ! C2") == 2, line

    again = citypanel.refresh(inbox, release)
    assert (again.code, "waits for a decision" in again.out) == (0, True), again.said
    assert "· read files" not in again.err, "the same input makes no second draft"

    done = citypanel.run("publish", "--why", "looked at", "--by", "A. Reader", "--release", release)
    assert done.code == 0, done.said
    assert (release / "current").readlink() != standing
    assert not (release / standing / "warehouse.duckdb").exists(), "the older one is packed"
    told = citypanel.run("diff", 1, 2, "--release", release)
    assert "Printed figures that were revised (1)" in told.out, told.said

    back = citypanel.run("rollback", "--why", "that was right before", "--release", release)
    assert back.code == 0, back.said
    assert (release / "current").readlink() == standing
    assert "all checksums agree" in citypanel.run("status", "--release", release).out
    unasked = citypanel.refresh(inbox, release)
    assert "that was right before" in unasked.out, unasked.said
    assert (release / "current").readlink() == standing
    assert citypanel.run("vintages", "--log", "--release", release).out.count("\n") >= 4


@pytest.mark.parametrize("what", ["publish", "rollback"])
def test_a_decision_needs_a_release_and_a_reason(
    what: str, citypanel: CommandLine, small: Refreshed
) -> None:
    assert "--why" in citypanel.run(what, "--release", small.release).err
    said = citypanel.run(what, "--why", "x", "--release", small.release)
    assert said.code == 2
    assert "no draft waits" in said.err or "nothing to go back to" in said.err


def test_rules_of_estimates_look_at_one_vintage(sample: Refreshed, tmp_path: Path) -> None:
    """Tables keep the vintages of before: with an older one beside it no rule finds anything else."""
    path = tmp_path / "warehouse.duckdb"
    shutil.copyfile(sample.warehouse, path)
    with duckdb.connect(str(path)) as connection:
        rules = [rule for rule in further_rules(GATE) if rule["severity"] == "critical"]

        def broken() -> dict[str, int]:
            return {
                rule["id"]: len(
                    connection.execute(
                        rule["unexpected_rows_query"].replace("{batch}", rule["table"])
                    ).fetchall()
                )
                for rule in rules
            }

        before = broken()
        tables = connection.execute(
            "select table_name from duckdb_tables() where schema_name = 'estimates'"
        ).fetchall()
        for (name,) in tables:
            connection.execute(
                f"insert into estimates.{name} select * replace ('2000-00000000' as vintage)"
                f" from estimates.{name} where vintage = (select vintage from marts.dataset_version)"
            )
        after = broken()
        assert {k: (before[k], after[k]) for k in before if before[k] != after[k]} == {}
    assert len(rules) > 50
