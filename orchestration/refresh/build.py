"""One private build: its folder, its facts, and the steps that fill it, as plain functions.

Belongs here: the order of work inside a refresh and what each step says when it is done. Does not
belong here: which stages there are (`stages`), Dagster (`graph`), the work itself (the rooms below).
"""

from __future__ import annotations

import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestration.engine import warehouse
from orchestration.estimating import measures
from orchestration.fingerprint import refresh_fingerprint
from orchestration.landing.inbox import InboxError, input_hashes, list_files, read_declarations
from orchestration.landing.store import land, load_raw
from orchestration.progress import log, step
from orchestration.refresh.stages import NOT_RELEASED, STAGES, Stage
from orchestration.releases.formats import FORMATS
from orchestration.releases.lock import refuse_sample_over_published, take_lock
from orchestration.releases.manifest import Release, ReleaseError, write_manifest
from orchestration.releases.place import put_in_place
from orchestration.releases.validate import validate
from orchestration.settings import Settings

if TYPE_CHECKING:
    from expectations import GateResult
    from orchestration.refresh.dbt_runner import NodeResult

SHOWN_ROWS = 2
"""Rows of a warning that the screen shows; the log file and the Data Docs have more."""


@dataclass(frozen=True)
class Build:
    """The private folder of one refresh."""

    settings: Settings
    folder: Path

    @classmethod
    def of_run(cls, settings: Settings, run_id: str) -> Build:
        """The build of a run, under the lock; its folder is made when it is not there."""
        take_lock(settings)
        folder = settings.build(run_id)
        folder.mkdir(parents=True, exist_ok=True)
        return cls(settings, folder)

    @property
    def warehouse(self) -> Path:
        """The DuckDB file being built."""
        return self.folder / "building.duckdb"

    @property
    def checks(self) -> Path:
        """Results of the gates."""
        return self.folder / "checks"

    @property
    def outcome(self) -> Path:
        """What will be the release."""
        return self.folder / "release"

    def facts(self) -> dict[str, Any]:
        """Facts that steps leave for later ones."""
        path = self.folder / "facts.json"
        return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}

    def add_facts(self, **facts: Any) -> None:
        """Leave facts for later steps."""
        (self.folder / "facts.json").write_text(
            json.dumps({**self.facts(), **facts}), encoding="utf-8"
        )


def prepare_input(settings: Settings) -> None:
    """Write the embedded sample where it is the input and not there yet.

    Raises ReleaseError where the sample would take the place of published figures.
    """
    refuse_sample_over_published(settings)
    if settings.is_sample:
        from orchestration.sample import is_complete, write_sample

        if is_complete(settings.input_folder, "policy"):
            return
        from orchestration.refresh.dbt_runner import ensure_manifest

        with step("write the embedded sample of simulated yearbooks") as note:
            try:
                # dbt's parse needs no input: this process parses while another writes.
                write_sample(
                    settings.input_folder, meanwhile=lambda: ensure_manifest(settings.state)
                )
            except FileExistsError as error:
                raise InboxError(str(error)) from error
            note.text = str(settings.input_folder)


def input_fingerprint(settings: Settings) -> str:
    """The fingerprint that a refresh of the present input and code would have."""
    files = list_files(settings.input_folder)
    return refresh_fingerprint(input_hashes(settings.input_folder, files))


def land_inbox(build: Build) -> dict[str, Any]:
    """Read the inbox into the `raw` schema of an empty warehouse."""
    settings = build.settings
    folder = settings.input_folder
    prepare_input(settings)
    with step(f"read files of {folder}") as note:
        files = list_files(folder)
        declarations = read_declarations(folder)
        landed = land(files, settings.cell_store, declarations)
        build.warehouse.unlink(missing_ok=True)
        with warehouse.open_warehouse(build.warehouse) as connection:
            load_raw(connection, landed, declarations)
        refused = [file for file in landed if file.status == "refused"]
        counted = {
            "files": len(files),
            "files_refused": len(refused),
            "cells": sum(file.facts.get("cell_count", 0) for file in landed),
        }
        note.text = f"{counted['files']} files, {counted['cells']:,} cells" + (
            f", {len(refused)} files refused" if refused else ""
        )
    for file in refused:
        log.warning("! refused %s: %s", file.file.relative_path, file.reason)
    build.add_facts(fingerprint=refresh_fingerprint(input_hashes(folder, files)), **counted)
    return counted


def build_stage(build: Build, stage: Stage) -> list[NodeResult]:
    """Run dbt on one of `DBT_STAGES`."""
    from orchestration.refresh.dbt_runner import run_dbt

    with step(f"build {stage.name} (dbt)") as note:
        results = run_dbt(
            [
                "build",
                "--select",
                *(stage.select or "").split(),
                "--exclude",
                "resource_type:unit_test",
                "--indirect-selection",
                "buildable",
            ],
            warehouse=build.warehouse,
            state=build.settings.state,
            fingerprint=build.facts()["fingerprint"],
        )
        models = sum(result.resource_type in ("model", "seed") for result in results)
        note.text = f"{models} tables, {len(results) - models} tests passed or warned"
        with warehouse.open_warehouse(build.warehouse) as connection:
            counts = connection.row_counts(("staging", "marts"))
        note.text += "; " + ", ".join(
            f"{name.split('.')[1]} {counts.get(name, 0):,}" for name in stage.shown
        )
    return results


def pass_gate(build: Build, gate: str) -> GateResult:
    """Run the Great Expectations rules of a gate and say what they found; never raises for a failed rule."""
    import pandas as pd

    from expectations import run_gate
    from orchestration.estimating.rules import further_rules

    with (
        step(f"check {gate} (Great Expectations)") as note,
        warehouse.open_warehouse(build.warehouse) as connection,
    ):
        with (
            connection.beside(build.settings.current / "warehouse.duckdb")
            if STAGES[gate].compared
            else nullcontext()
        ):
            result = run_gate(
                gate,
                connection.connection,
                docs_store=build.checks,
                further=further_rules(gate),
            )
        passed = sum(rule.status == "passed" for rule in result.rules)
        note.text = (
            f"{passed} passed, {len(result.warnings)} warned, {len(result.failures)} failed,"
            f" {len(result.not_applicable)} not applicable"
        )
    for rule in result.warnings:
        log.warning("! %s.%s: %s (%s)", gate, rule.rule_id, rule.observed, rule.reason)
        for row in rule.failing_rows.head(SHOWN_ROWS).to_dict("records"):
            known = {name: value for name, value in row.items() if not pd.isna(value)}
            log.warning("    %s", ", ".join(f"{name} {value}" for name, value in known.items()))
        log.debug("%s", rule.describe())
    for rule in result.failures:
        log.error("✗ %s", rule.describe())
    return result


def measure(build: Build) -> dict[str, int]:
    """Measure efficiency and productivity."""
    with (
        step("measure efficiency") as note,
        warehouse.open_warehouse(build.warehouse) as connection,
    ):
        written = measures.write_measures(connection)
        note.text = "; ".join(written.lines)
    return written.rows


def estimate(build: Build) -> dict[str, int]:
    """Run all studies, and measure inequality."""
    from orchestration.estimating.inequality import write_inequality
    from orchestration.estimating.studies import write_estimates
    from orchestration.estimating.vintages import carry_over

    with step("estimate studies") as note, warehouse.open_warehouse(build.warehouse) as connection:
        written = write_estimates(connection, build.settings.current / "warehouse.duckdb")
        note.text = "; ".join(
            f"{row.study}: {row.status}, {row.detail}" for row in written.status.itertuples()
        )
    with (
        step("measure inequality") as note,
        warehouse.open_warehouse(build.warehouse) as connection,
    ):
        unequal = write_inequality(connection, build.settings.current / "warehouse.duckdb")
        note.text = "; ".join(
            f"{row.subject_id}: {row.status}" for row in unequal.status.itertuples()
        )
        vintage, data_kind = warehouse.dataset_version(connection)
        carry_over(connection, build.settings.current / "warehouse.duckdb", vintage, data_kind)
    return written.rows | unequal.rows


def write_report(build: Build) -> Path:
    """Render the report and the Data Docs into the outcome, beside the tables of the release."""
    from analysis.report import render_report
    from expectations import build_data_docs
    from orchestration.reporting.frames import check_frame, report_data, sections

    with step("write report, Data Docs and tables") as note, ThreadPoolExecutor(1) as second:
        checks = check_frame(build.checks)
        with warehouse.open_warehouse(build.warehouse) as connection:
            data = report_data(connection, checks)
        # DuckDB needs no Python while it writes: one core draws, the other writes the tables.
        tables = second.submit(_write_tables, build)
        page = render_report(data, sections(), build.outcome / "report")
        build_data_docs(
            build.checks,
            build.outcome / "data_docs",
            vintage=data.vintage,
            simulated=data.simulated,
        )
        note.text = (
            f"{page.stat().st_size / 1e6:.1f} MB page, {len(checks)} rules, {tables.result()}"
        )
    return page


def _write_tables(build: Build) -> str:
    """Write all formats and the released warehouse into the outcome; what was written, in words."""
    from orchestration.refresh.dbt_runner import descriptions

    with warehouse.open_warehouse(build.warehouse, warehouse.LIMIT_OF_WRITING) as connection:
        _, kind = warehouse.dataset_version(connection)
        connection.describe(descriptions(build.settings.state), kind)
        written = [
            f"{one.write(connection, build.outcome / one.name, kind)} {one.title} tables"
            for one in FORMATS
        ]
        connection.copy_out(build.outcome / "warehouse.duckdb", NOT_RELEASED)
    return ", ".join(written)


def publish(build: Build) -> Release:
    """Check the outcome and put it in place as the release."""
    checks = _check_counts(build)
    if checks["failed"]:
        raise ReleaseError(
            f"{checks['failed']} critical check(s) failed: nothing is released; the rows that failed"
            " stand above and in the log"
        )
    with step("release") as note:
        with warehouse.open_release(build.outcome / "warehouse.duckdb") as connection:
            vintage, kind = warehouse.dataset_version(connection)
            rows = connection.row_counts()
        facts = build.facts()
        write_manifest(
            build.outcome,
            {
                "vintage": vintage,
                "data_kind": kind,
                "fingerprint": facts["fingerprint"],
                "input": {
                    "folder": build.settings.input_folder.name,
                    "files": facts["files"],
                    "files_refused": facts["files_refused"],
                    "cells": facts["cells"],
                },
                "rows": rows,
                "checks": checks,
            },
        )
        validate(build.outcome)
        release = put_in_place(build.settings, build.outcome, vintage)
        shutil.rmtree(build.folder, ignore_errors=True)
        note.text = f"{release.warehouse.stat().st_size / 1e6:.0f} MB warehouse"
    return release


def _check_counts(build: Build) -> dict[str, int]:
    from orchestration.reporting.frames import check_frame

    checks = check_frame(build.checks)
    applied = checks[checks["applicable"]]
    broken = applied[~applied["success"]]
    return {
        "passed": int(applied["success"].sum()),
        "warned": int((broken["severity"] == "warn").sum()),
        "failed": int((broken["severity"] == "critical").sum()),
        "not_applicable": int((~checks["applicable"]).sum()),
    }
