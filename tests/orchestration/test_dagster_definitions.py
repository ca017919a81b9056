"""What Dagster loads is exactly what the snapshots say, and its job runs through its own API.

The snapshots are written by `python tests/orchestration/dagster_probe.py --write` and reviewed as a
diff: an asset that a change hides, or a check that no longer blocks, shows there.
"""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

HERE = Path(__file__).parent
CITIES = ("石家庄市", "唐山市", "襄阳市")
YEARS = (2012, 2013, 2014)


@dataclass(frozen=True)
class Probed:
    """What the probe told, and where it released."""

    definitions: dict[str, Any]
    run: dict[str, Any]
    release: Path


def write_inbox(folder: Path) -> Path:
    """One workbook of three cities."""
    folder.mkdir()
    book = xlsxwriter.Workbook(str(folder / "中国城市统计年鉴2015.xlsx"))
    page = book.add_worksheet("2-4")
    page.write_row(0, 0, ["城市", "年份", "地区生产总值(万元)"])
    rows = [
        (city, year, 10_000_000 * (1 + 0.05 * (year - 2012)) + 1000 * position)
        for position, city in enumerate(CITIES)
        for year in YEARS
    ]
    for position, row in enumerate(rows, start=1):
        page.write_row(position, 0, row)
    book.close()
    return folder


def probe(folder: Path) -> str:
    """Definitions from a process that finds no warehouse, then one run of the job."""
    environment = {
        **os.environ,
        "CITYPANEL_STATE": str(folder / "state"),
        "CITYPANEL_RELEASE": str(folder / "release"),
        "CITYPANEL_INBOX": str(write_inbox(folder / "inbox")),
    }
    done = subprocess.run(
        [sys.executable, str(HERE / "dagster_probe.py"), "--run"],
        env=environment, cwd=folder, capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    (line,) = (line for line in done.stdout.splitlines() if line.startswith("PROBE "))
    return line.removeprefix("PROBE ")


@pytest.fixture(scope="module")
def probed(run_dir: Path, new_state: Callable[[Path], Path]) -> Probed:
    """What the probe told; asked once per run of the tests, whatever the number of workers."""
    folder, answer = run_dir / "dagster_probe", run_dir / "dagster_probe.json"
    with (run_dir / "dagster_probe.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not answer.is_file():
            folder.mkdir()
            new_state(folder / "state")
            answer.write_text(probe(folder), encoding="utf-8")
    told = json.loads(answer.read_text(encoding="utf-8"))
    return Probed(told["definitions"], told["run"], folder / "release")


@pytest.mark.parametrize("name", ["asset_keys", "asset_checks", "jobs", "schedules", "sensors"])
def test_definitions_are_those_of_the_snapshot(name: str, probed: Probed) -> None:
    stored = json.loads((HERE / "snapshots" / f"{name}.json").read_text(encoding="utf-8"))
    assert probed.definitions[name] == stored, (
        "if this is meant: python tests/orchestration/dagster_probe.py --write"
    )


def test_tables_that_are_declared_are_assets_in_the_group_of_their_method(probed: Probed) -> None:
    """One group per method, so that one can be made alone; nothing that is declared is left out."""
    from analysis.methods.registry import METHODS
    from analysis.methods.tables import TABLES
    from orchestration.estimating.tables import OF_COMPARISON, OF_INEQUALITY

    expected = {f"method/{key}": key for key in METHODS}
    for key, method in METHODS.items():
        expected |= {f"estimates/{table.name}": key for table in method.tables}
    expected |= {f"estimates/{name}": "estimates" for name in (*TABLES, *OF_COMPARISON)}
    expected |= {f"estimates/{name}": "inequality" for name in OF_INEQUALITY}
    assert probed.definitions["declared"] == expected


def test_layers_are_groups_and_follow_each_other(probed: Probed) -> None:
    keys = probed.definitions["asset_keys"]
    for key, words in keys.items():
        group = words.split("]")[0].removeprefix("[")
        assert group == key.split("/")[0], key
    order = [
        "raw",
        "seed",
        "staging",
        "intermediate",
        "marts",
        "measures",
        "method",
        "estimates",
        "release",
    ]
    for key, words in keys.items():
        if key.startswith(("intermediate/int_index__", "intermediate/int_efficiency__")):
            continue  # computed from a mart, the long table of indicators
        for parent in words.split(" after ")[1].split(", "):
            if parent.startswith("measures/") and key.startswith("marts/"):
                continue  # what was measured of indices has its public form in marts of the panel
            if parent != "nothing":
                assert order.index(parent.split("/")[0]) <= order.index(key.split("/")[0]), key


def test_refresh_is_one_process_and_yearly(probed: Probed) -> None:
    assert probed.definitions["jobs"]["refresh"]["executor"] == "in_process"
    steps = probed.definitions["jobs"]["refresh"]["steps"]
    for before, after in (
        ("land_inbox", "build_observations"),
        ("build_observations", "gate_observations"),
        ("gate_observations", "build_indicators"),
        ("gate_indicators", "build_indices"),
        ("gate_indices", "measure_efficiency"),
        ("measure_efficiency", "build_panel"),
        ("gate_panel", "estimate_studies"),
        ("gate_estimates", "release__current"),
    ):
        assert steps.index(before) < steps.index(after)
    assert probed.definitions["schedules"]["annual_reestimation"] == {
        "cron": "0 3 15 1 *", "timezone": "Asia/Shanghai", "job": "refresh", "default": "STOPPED",
    }  # fmt: skip


def test_every_rule_of_every_gate_is_a_check(probed: Probed) -> None:
    from expectations import GATES, load_suite
    from orchestration.estimating.rules import further_rules

    checks = probed.definitions["asset_checks"] | probed.definitions["declared_checks"]
    rules = [r for gate in GATES for r in load_suite(gate, further=further_rules(gate)).rules]
    assert len(rules) > 60
    for rule in rules:
        blocks = rule.severity == "critical" and not rule.of_study
        name = f"{rule.table.replace('.', '/')}: {rule.id}"
        assert checks[name] == ("blocking" if blocks else "shown")
    assert {rule.id for rule in rules if rule.of_study} == {"design_not_failed", "study_not_failed"}


def test_job_runs_with_an_ephemeral_instance(probed: Probed) -> None:
    assert probed.run["success"]
    seeds_and_all = {*probed.definitions["asset_keys"], *probed.definitions["declared"]}
    assert set(probed.run["materialized"]) == seeds_and_all
    assert set(probed.run["checks"]) == {
        *probed.definitions["asset_checks"], *probed.definitions["declared_checks"]
    }  # fmt: skip
    assert [name for name, passed in probed.run["checks"].items() if not passed] == [
        # Warnings: the shipped roster is short, and three cities answer no study.
        "marts/policy_roster_coverage: roster_complete",
        "marts/policy_roster_coverage: roster_confirmed",
        "estimates/estimate: estimates_present",
    ]
    assert probed.run["metadata"]["vintage"].startswith("2014-")
    assert (probed.release / "current" / "MANIFEST.json").is_file()
