"""`citypanel refresh`: inbox in, release out; nothing is rewritten where nothing has changed.

Belongs here: the order around the work: lock, log, looking before the work, the job. Does not belong
here: the work (`refresh.steps`), what is said of its end (`summary`, `failure`).
"""

from __future__ import annotations

import argparse
import gc
import os
import time
from pathlib import Path

from orchestration.commands.failure import explain_failure
from orchestration.commands.summary import summary
from orchestration.commands.verb import Verb, quiet_libraries, say, takes_release
from orchestration.errors import CitypanelError
from orchestration.interrupt import never_lost
from orchestration.landing.inbox import read_declarations
from orchestration.progress import drop_log, log, name_latest, new_log, show_progress
from orchestration.refresh.preflight import check_project_files
from orchestration.releases.history import withdrawn_with
from orchestration.releases.lock import give_back_lock, take_lock
from orchestration.releases.manifest import ReleaseError, differences, read_release
from orchestration.releases.place import is_up_to_date, waiting_draft
from orchestration.settings import Settings

COLLECTED_AFTER = (10_000, 50, 10)
"""New objects between Python's searches for garbage, fourteen times the usual: what a refresh makes, modules
and dbt's parse above all, stays, and searching it through took a second in fifteen."""


def declare(parser: argparse.ArgumentParser) -> None:
    """The inbox, the folder of releases, and whether to refresh in any case."""
    parser.add_argument(
        "--inbox", help="folder of yearbook files; without it the embedded sample is used"
    )
    takes_release(parser)
    parser.add_argument(
        "--force", action="store_true", help="refresh even when nothing has changed"
    )


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Refresh the release from the inbox; leaves it as it was when nothing changed or a step fails."""
    from orchestration.refresh.steps import input_fingerprint, prepare_input

    begun = time.perf_counter()
    gc.set_threshold(*COLLECTED_AFTER)
    log_file = new_log(settings.logs)
    show_progress(log_file)
    try:
        take_lock(settings)
        prepare_input(settings)
        read_declarations(settings.input_folder)  # a slip in it should show at once
        fingerprint = input_fingerprint(settings)
        unchanged = None if arguments.force else is_up_to_date(settings, fingerprint)
        if not unchanged and not arguments.force and _is_decided(settings, fingerprint):
            drop_log(log_file)
            return 0
        if unchanged:
            log.info(
                "nothing has changed since release %s: nothing is rewritten", unchanged.folder.name
            )
            drop_log(log_file)
            say(summary(unchanged, time.perf_counter() - begun))
            return 0
        check_project_files()
        refuse_unreadable_release(settings)
        name_latest(log_file)
        return _run_job(settings, begun, log_file)
    except CitypanelError:
        drop_log(log_file)  # the answer on the screen is all there is to say
        raise
    finally:
        give_back_lock(settings)


def _is_decided(settings: Settings, fingerprint: str) -> bool:
    """Say so where what a refresh would make is there: as a draft that waits, or withdrawn by somebody."""
    draft = waiting_draft(settings)
    if (
        draft is not None
        and draft.manifest["fingerprint"] == fingerprint
        and not differences(draft)
    ):
        say(f"nothing has changed since draft {draft.folder.name}, which waits for a decision: see")
        say(f"{draft.folder / 'CHANGES.md'}, then citypanel publish, or publish --reject")
        return True
    withdrawn = withdrawn_with(settings.journal, fingerprint)
    if withdrawn is None:
        return False
    say(
        f"this input and code gave {withdrawn.release}, which {withdrawn.by} has {withdrawn.what} on"
        f" {withdrawn.at}: {withdrawn.why}. It is not put back unasked"
    )
    say(
        f"to put it back: citypanel publish {withdrawn.release} --why ...; to make it anew: --force"
    )
    return True


def refuse_unreadable_release(settings: Settings) -> None:
    """Stop before the work where the estimates of earlier vintages can't be read; raises ReleaseError."""
    from orchestration.engine.warehouse import open_release

    standing = settings.current / "warehouse.duckdb"
    if standing.is_file():
        with open_release(standing):
            pass


def _run_job(settings: Settings, begun: float, log_file: Path) -> int:
    os.environ.setdefault("DAGSTER_DISABLE_TELEMETRY", "yes")
    standing = settings.current.resolve()
    drafted = settings.draft.resolve() if settings.draft.is_symlink() else None
    with never_lost():
        import dagster  # noqa: F401  its loggers are there to be quieted

        quiet_libraries()
        from orchestration.graph.definitions import defs
        from orchestration.graph.instance import passing_instance

        job = defs.resolve_job_def("refresh")
    with passing_instance() as instance:
        result = job.execute_in_process(
            instance=instance,
            raise_on_error=False,
            run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
        )
    if not result.success:
        return explain_failure(result, settings, standing, log_file)
    draft = waiting_draft(settings)
    if draft is not None and draft.folder != drafted:
        say(summary(draft, time.perf_counter() - begun))
        say("it waits as a DRAFT, and the release in place stands as it was: read")
        say(
            f"{draft.folder / 'CHANGES.md'}, then citypanel publish --why ... (or --reject --why ...)"
        )
        say(f"log in {log_file}")
        return 0
    release = read_release(settings.current)
    if release is None:
        raise ReleaseError(f"no release stands in {settings.current} after the refresh")
    say(summary(release, time.perf_counter() - begun))
    say(f"log in {log_file}")
    return 0


REFRESH = Verb("refresh", "read the inbox, build, check, estimate and release", declare, run)
