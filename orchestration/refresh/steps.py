"""The steps that fill a private build, as plain functions.

Belongs here: the order of work inside a step, and what it says when it is done. Does not belong here:
the build's folder (`build`), which stages there are (`stages`), Dagster (`graph`), the work itself (the
rooms below).
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestration import KERNELS_PINNED
from orchestration.engine import warehouse
from orchestration.estimating import measures
from orchestration.fingerprint import combine, refresh_fingerprint
from orchestration.landing.inbox import (
    InboxError,
    input_hashes,
    list_files,
    read_declarations,
    refuse_mixed_kinds,
)
from orchestration.landing.store import land, load_raw
from orchestration.progress import log, step
from orchestration.refresh.build import Build
from orchestration.refresh.stages import NOT_RELEASED, Stage
from orchestration.releases.formats import FORMATS
from orchestration.releases.lock import refuse_sample_over_published
from orchestration.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Collection

    from expectations import GateResult
    from orchestration.estimating.studies import EstimatesWritten
    from orchestration.refresh.dbt_runner import NodeResult


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
    refuse_mixed_kinds(
        [file.relative_path for file in files], read_declarations(settings.input_folder)
    )
    return refresh_fingerprint(input_hashes(settings.input_folder, files))


def land_inbox(build: Build) -> dict[str, Any]:
    """Read the inbox into the `raw` schema of an empty warehouse."""
    if not KERNELS_PINNED:
        log.warning(
            "! numpy was loaded before this program: last digits of figures may follow the processor;"
            " import orchestration first, or use the citypanel command"
        )
    settings = build.settings
    folder = settings.input_folder
    prepare_input(settings)
    with step(f"read files of {folder}") as note:
        files = list_files(folder)
        declarations = read_declarations(folder)
        refuse_mixed_kinds([file.relative_path for file in files], declarations)
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
    hashes = input_hashes(folder, files)
    build.add_facts(fingerprint=refresh_fingerprint(hashes), inputs=combine(hashes), **counted)
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
    from expectations import run_gate
    from orchestration.estimating.rules import further_rules
    from orchestration.reporting.warned import note_warnings, read_causes
    from orchestration.reporting.warning_lines import counts_line, idle_lines, warning_lines

    with (
        step(f"check {gate} (Great Expectations)") as note,
        warehouse.open_warehouse(build.warehouse) as connection,
        connection.beside(build.settings.current / "warehouse.duckdb") as comparable,
    ):
        result = run_gate(
            gate,
            connection.connection,
            docs_store=build.checks,
            further=further_rules(gate),
        )
        compared = note_warnings(connection, result, comparable)
        causes = read_causes(connection, gate)
        passed = sum(rule.status == "passed" for rule in result.rules)
        note.text = (
            f"{passed} passed, {len(result.warnings)} warned, {len(result.failures)} failed,"
            f" {len(result.not_applicable)} not applicable"
        )
    for line in idle_lines(result):
        log.info("  %s", line)
    if causes:
        log.warning(
            "! %s warns: %s%s",
            gate,
            counts_line(causes),
            "" if compared else " (no last release with warnings to compare with)",
        )
        for line in warning_lines(causes):
            log.warning("!   %s", line)
    for rule in result.warnings:
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


def estimate(build: Build, only: Collection[str] | None = None) -> EstimatesWritten:
    """Run all studies; or the designs of the methods `only`, on a copy of the release where need be."""
    from orchestration.estimating.comparison import write_comparison
    from orchestration.estimating.studies import write_estimates
    from orchestration.estimating.vintages import carry_over

    previous = build.settings.current / "warehouse.duckdb"
    if only is not None:
        build.begin_from_release()
    with step("estimate studies") as note, warehouse.open_warehouse(build.warehouse) as connection:
        written = write_estimates(connection, previous, only=only)
        written.rows.update(write_comparison(connection, previous))
        note.text = "; ".join(
            f"{row.study}: {row.status}, {row.detail}" for row in written.status.itertuples()
        )
        if only is None:
            carry_over(connection, previous, *warehouse.dataset_version(connection))
    return written


def measure_inequality(build: Build) -> dict[str, int]:
    """Measure the inequality of every subject."""
    from orchestration.estimating.inequality import write_inequality

    with (
        step("measure inequality") as note,
        warehouse.open_warehouse(build.warehouse) as connection,
    ):
        unequal = write_inequality(connection, build.settings.current / "warehouse.duckdb")
        note.text = "; ".join(
            f"{row.subject_id}: {row.status}" for row in unequal.status.itertuples()
        )
    return unequal.rows


def write_report(build: Build) -> Path:
    """Render report, Data Docs and explorer into the outcome, beside the tables of the release."""
    from analysis.report import render_report
    from expectations import build_data_docs
    from orchestration.exploring import write_explorer
    from orchestration.reporting.checks import check_frame, store_checks
    from orchestration.reporting.frames import report_data, sections

    with (
        step("write report, Data Docs, explorer and tables") as note,
        ThreadPoolExecutor(1) as second,
    ):
        checks = check_frame(build.checks)
        with warehouse.open_warehouse(build.warehouse) as connection:
            store_checks(connection, checks)
            data = report_data(connection)
            # Before the tables: these are written under another limit, and a file has one at a time.
            explorer = write_explorer(connection, build.outcome / "explorer")
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
            f"{page.stat().st_size / 1e6:.1f} MB page, {len(checks)} rules,"
            f" {explorer.parts} parts to explore, {tables.result()}"
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
