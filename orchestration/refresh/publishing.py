"""The last step of a refresh: what was built becomes a release, in place or as a draft.

Belongs here: what a release is given beside its tables (declarations, changes, manifest), and whether it
goes out by itself. Does not belong here: links and journal (`releases.decisions`), bounds
(`changes.verdict`), the steps before (`steps`).
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from orchestration.changes.compare import Changes, compare
from orchestration.changes.movement import STUDIES, Movement, movements
from orchestration.changes.text import first_release, markdown
from orchestration.changes.verdict import reasons_to_wait
from orchestration.engine import warehouse
from orchestration.errors import CitypanelError
from orchestration.fingerprint import made_from
from orchestration.progress import log, step
from orchestration.refresh.build import Build
from orchestration.releases import decisions, keeping
from orchestration.releases.manifest import Release, ReleaseError, read_release, write_manifest
from orchestration.releases.place import keep
from orchestration.releases.policy import Policy, read_policy
from orchestration.releases.validate import validate
from orchestration.settings import ON_FAILED_STUDY, REPO
from orchestration.settings import STUDIES as STUDY_FILES

CHANGES = "CHANGES.md"
SEEDS = "declarations/seeds"
"""Where a release keeps the seeds that it was made with."""
BY_ITSELF = "within the policy's bounds"


def publish(build: Build) -> Release:
    """Check the outcome, and put it in place as the release or leave it as a draft, as the policy says.

    Raises ReleaseError where a critical check failed; nothing is kept then.
    """
    checks = _refuse_failed(build)
    policy = read_policy(build.settings.publishing)
    with step("release") as note:
        facts = _facts(build, checks)
        _copy_declarations(build.outcome)
        standing = read_release(build.settings.current)
        changes = _write_changes(build.outcome, facts, standing)
        waits = reasons_to_wait(policy, changes)
        manifest = write_manifest(build.outcome, facts)
        validate(build.outcome)
        made = Release(keep(build.settings, build.outcome, facts["vintage"]), manifest)
        if waits:
            release = decisions.leave_draft(build.settings, made, why="; ".join(waits))
        else:
            release = decisions.publish(build.settings, made, why=BY_ITSELF)
        shutil.rmtree(build.folder, ignore_errors=True)
        note.text = f"{release.warehouse.stat().st_size / 1e6:.0f} MB warehouse" + _packed(
            build, policy
        )
    for reason in waits:
        log.warning("! left as a draft: %s", reason)
    return release


def _packed(build: Build, policy: Policy) -> str:
    """What was packed, as further words; a release is in place whatever becomes of the older ones."""
    try:
        done = keeping.pack_older(build.settings, policy.keep)
    except (OSError, CitypanelError) as error:
        log.warning("! older releases are not packed: %s", error)
        return ""
    return f"; {done}" if done else ""


def _refuse_failed(build: Build) -> dict[str, int]:
    """Counts of checks; raises ReleaseError where one failed that stops a release."""
    checks, of_studies = _check_counts(build)
    if checks["failed"] > of_studies:
        raise ReleaseError(
            f"{checks['failed']} critical check(s) failed: nothing is released; the rows that failed"
            " stand above and in the log"
        )
    if of_studies and build.settings.stops_at_failed_study:
        raise ReleaseError(
            f"a study failed, and {ON_FAILED_STUDY} is stop: nothing is released; what failed stands"
            " above and in the log"
        )
    if of_studies:
        log.error("✗ a study failed: the rest is released WITHOUT it; what failed stands above")
    return checks


def _facts(build: Build, checks: dict[str, int]) -> dict[str, Any]:
    """What the manifest says beside the files."""
    with warehouse.open_release(build.outcome / "warehouse.duckdb") as connection:
        vintage, kind = warehouse.dataset_version(connection)
        rows = connection.row_counts()
    facts = build.facts()
    return {
        "vintage": vintage,
        "data_kind": kind,
        "fingerprint": facts["fingerprint"],
        "made_from": made_from(facts["inputs"]),
        "input": {
            "folder": build.settings.input_folder.name,
            "files": facts["files"],
            "files_refused": facts["files_refused"],
            "cells": facts["cells"],
        },
        "rows": rows,
        "checks": checks,
    }


def _copy_declarations(outcome: Path) -> None:
    """Keep the study files and seeds: an older declaration can then be estimated again on newer data."""
    for folder, source, pattern in (
        (STUDIES, STUDY_FILES, "*.yml"),
        (SEEDS, REPO / "seeds", "*.csv"),
    ):
        (outcome / folder).mkdir(parents=True, exist_ok=True)
        for path in sorted(source.glob(pattern)):
            shutil.copyfile(path, outcome / folder / path.name)


def _write_changes(
    outcome: Path, facts: dict[str, Any], standing: Release | None
) -> Changes | None:
    """Write CHANGES.md; what moved since the release in place, None where nothing can be compared.

    What can't be compared is said, and stops nothing: an older release may lack what is asked for.
    """
    simulated = facts["data_kind"] == "simulated"
    made = Release(outcome, facts)
    if standing is None or standing.manifest.get("data_kind") != facts["data_kind"]:
        (outcome / CHANGES).write_text(
            first_release(facts["vintage"], simulated=simulated), encoding="utf-8"
        )
        return None
    try:
        changes = compare(standing, made, name_after=facts["vintage"])
    except CitypanelError as error:
        log.warning("! the release in place can't be compared with: %s", error)
        (outcome / CHANGES).write_text(
            first_release(facts["vintage"], simulated=simulated) + f"\n({error})\n",
            encoding="utf-8",
        )
        return None
    moved: tuple[Movement, ...] = ()
    untold = ""
    try:
        moved = movements(standing, made)
    except CitypanelError as error:
        untold = str(error)
    text = markdown(changes, moved, untold, simulated=simulated)
    (outcome / CHANGES).write_text(text, encoding="utf-8")
    return changes


def _check_counts(build: Build) -> tuple[dict[str, int], int]:
    """How many rules passed and didn't, and how many failed that are of a study alone."""
    from orchestration.reporting.checks import check_frame

    checks = check_frame(build.checks)
    applied = checks[checks["applicable"]]
    broken = applied[~applied["success"]]
    critical = broken["severity"] == "critical"
    counts = {
        "passed": int(applied["success"].sum()),
        "warned": int((broken["severity"] == "warn").sum()),
        "failed": int(critical.sum()),
        "not_applicable": int((~checks["applicable"]).sum()),
    }
    return counts, int((critical & broken["of_study"].astype(bool)).sum())
