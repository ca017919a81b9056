"""The command line: refresh, status, trace, headings, counts.

Belongs here: arguments, what is printed, exit codes. Does not belong here: the work.

Heavy imports wait until a command needs them: an unchanged input is answered without Dagster.
"""

from __future__ import annotations

import argparse
import errno
import gc
import logging
import os
import shutil
import sys
import tempfile
import time
import warnings
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from orchestration.errors import FAILED, INTERRUPTED, CitypanelError, NotFound
from orchestration.fingerprint import code_version
from orchestration.interrupt import never_lost
from orchestration.landing.inbox import read_declarations
from orchestration.progress import drop_log, log, name_latest, new_log, show_progress
from orchestration.refresh.preflight import check_project_files
from orchestration.releases.lock import give_back_lock, take_lock
from orchestration.releases.manifest import Release, ReleaseError, differences, read_release
from orchestration.releases.place import is_up_to_date
from orchestration.settings import Settings

ADVICE = {
    os.strerror(errno.ENOSPC): "free some space and refresh again",
    os.strerror(errno.EDQUOT): "free some space and refresh again",
    os.strerror(errno.EACCES): "check who may read and write there",
    os.strerror(errno.EPERM): "check who may read and write there",
    os.strerror(errno.EROFS): "give a folder that can be written to",
    os.strerror(errno.ENOTDIR): "a part of this path is a file: give another folder",
}
"""What to do about an answer of the system, by its words: libraries hand on those alone."""

COLLECTED_AFTER = (10_000, 50, 10)
"""New objects between Python's searches for garbage, fourteen times the usual: what a refresh makes, modules
and dbt's parse above all, stays, and searching it through took a second in fifteen."""

LONGEST_MESSAGE = 5000  # characters on the screen; the log has all of it


def say(text: str = "") -> None:
    """A line of the answer."""
    sys.stdout.write(text + "\n")


def _settings(arguments: argparse.Namespace) -> Settings:
    settings = Settings.from_environment()
    if getattr(arguments, "inbox", None):
        settings = replace(settings, inbox=Path(arguments.inbox).expanduser().resolve())
    if getattr(arguments, "release", None):
        settings = replace(settings, release=Path(arguments.release).expanduser().resolve())
    settings.into_environment()
    return settings


def refresh(settings: Settings, *, force: bool) -> int:
    """Refresh the release from the inbox; leaves it as it was when nothing changed or a step fails."""
    from orchestration.refresh.build import input_fingerprint, prepare_input

    begun = time.perf_counter()
    gc.set_threshold(*COLLECTED_AFTER)
    log_file = new_log(settings.logs)
    show_progress(log_file)
    try:
        take_lock(settings)
        prepare_input(settings)
        read_declarations(settings.input_folder)  # a slip in it should show at once
        fingerprint = input_fingerprint(settings)
        unchanged = None if force else is_up_to_date(settings, fingerprint)
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


def refuse_unreadable_release(settings: Settings) -> None:
    """Stop before the work where the estimates of earlier vintages can't be read; raises ReleaseError."""
    from orchestration.engine.warehouse import open_release

    standing = settings.current / "warehouse.duckdb"
    if standing.is_file():
        with open_release(standing):
            pass


def _quiet_libraries() -> None:
    """Keep the screen for what the refresh itself says."""
    warnings.filterwarnings("ignore", module="dagster|dbt|great_expectations")
    for name in ("dagster", "great_expectations", "dbt", "matplotlib"):
        logging.getLogger(name).setLevel(logging.CRITICAL)


def _run_job(settings: Settings, begun: float, log_file: Path) -> int:
    os.environ.setdefault("DAGSTER_DISABLE_TELEMETRY", "yes")
    standing = settings.current.resolve()
    with never_lost():
        import dagster as dg

        _quiet_libraries()
        from orchestration.graph.definitions import defs

        job = defs.resolve_job_def("refresh")
    with dg.DagsterInstance.ephemeral() as instance:
        result = job.execute_in_process(
            instance=instance,
            raise_on_error=False,
            run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
        )
    if not result.success:
        return _explain_failure(result, settings, standing, log_file)
    release = read_release(settings.current)
    if release is None:
        raise ReleaseError(f"no release stands in {settings.current} after the refresh")
    say(summary(release, time.perf_counter() - begun))
    say(f"log in {log_file}")
    return 0


def _was_interrupted(error: Any) -> bool:
    """Whether Ctrl-C is behind an error, in whatever a library wrapped it."""
    if error is None:
        return False
    return (
        error.cls_name in ("DagsterExecutionInterruptedError", "KeyboardInterrupt")
        or _was_interrupted(error.cause)
        or _was_interrupted(error.context)
    )


def _space_left(settings: Settings) -> str:
    """Space on the disks that a refresh writes to."""
    places = (settings.release, settings.state, Path(tempfile.gettempdir()))
    return ", ".join(
        f"{shutil.disk_usage(path).free / 1e6:,.0f} MB in {path}"
        for path in places
        if path.is_dir()
    )


def _explain_failure(result: object, settings: Settings, standing: Path, log_file: Path) -> int:
    """Say what stopped the refresh, and which release stands; the exit code."""
    code = FAILED
    for event in result.all_events:  # type: ignore[attr-defined]
        if event.is_step_failure:
            error = event.step_failure_data.error
            # Past Dagster's own wrapping, and no further: what we raise says more than its cause.
            while error.cause is not None and (error.cls_name or "").startswith("Dagster"):
                error = error.cause
            if _was_interrupted(error):
                log.error("%s was interrupted", event.step_key)
                code = INTERRUPTED
                continue
            said = error.message.strip()[:LONGEST_MESSAGE]
            log.error("%s stopped: %s", event.step_key, said)
            for words, advice in ADVICE.items():
                if words in said:
                    log.error("%s (free: %s)", advice, _space_left(settings))
            log.debug("%s", error.to_string())
    kept = read_release(settings.current)
    if kept and kept.folder != standing:
        say(f"The refresh stopped when its release was already in place: {kept.folder}")
    else:
        say("The refresh stopped; nothing was released.")
        say(
            f"The last release stands as it was: {kept.folder}"
            if kept
            else "There is no earlier release."
        )
    say(f"The whole story is in {log_file}")
    return code


def summary(release: Release, seconds: float) -> str:
    """One screen: where the release is, what is in it, and the estimates in short."""
    from orchestration.engine.warehouse import open_release

    manifest = release.manifest
    checks = manifest["checks"]
    lines = [
        "",
        f"release   {release.folder}",
        f"vintage   {manifest['vintage']}"
        + (
            "   SIMULATED DATA: figures are invented"
            if manifest["data_kind"] == "simulated"
            else ""
        ),
        f"report    {release.report}",
        f"input     {manifest['input']['files']} files, {manifest['input']['cells']:,} cells"
        + (
            f", {manifest['input']['files_refused']} files refused"
            if manifest["input"]["files_refused"]
            else ""
        ),
        f"checks    {checks['passed']} passed, {checks['warned']} warned, {checks['failed']} failed,"
        f" {checks['not_applicable']} not applicable",
        "rows      "
        + ", ".join(
            f"{name.removeprefix('marts.')} {rows:,}"
            for name, rows in manifest["rows"].items()
            if name
            in (
                "marts.city_year",
                "marts.indicator_value",
                "marts.index_score",
                "marts.quarantine",
                "marts.source_disagreement",
            )
        ),
    ]
    with open_release(release.warehouse) as connection:
        rows = connection.rows(
            "select estimate.study, estimate.table_id, column_id, column_label,"
            " estimate.estimate, std_error, stars, n_obs, n_units"
            " from estimates.estimate as estimate inner join estimates.model_fit as fit"
            " using (vintage, study, table_id, column_id)"
            " where term = 'did' and vintage = ? order by estimate.rowid",
            manifest["vintage"],
        )
    tables: dict[str, list[str]] = {}
    for study, table_id, column, label, estimate, error, stars, n_obs, n_units in rows:
        known = tables.setdefault(study, [])
        if table_id not in known:
            known.append(table_id)
            if len(known) == 1:
                lines += [
                    "",
                    f"{study}, {table_id}: coefficient of did (standard error clustered by city)",
                ]
        if len(known) == 1:
            lines.append(
                f"  ({column}) {label:<34} {estimate:8.3f}{stars:<3} ({error:.3f})"
                f"   n = {n_obs:,}, cities = {n_units}"
            )
    more = [f"{study}: {', '.join(known[1:])}" for study, known in tables.items() if known[1:]]
    if more:
        lines += [
            "",
            "more tables in the report and in estimates.estimate",
            *("  " + m for m in more),
        ]
    lines += ["", f"done in {seconds:.1f} s"]
    return "\n".join(lines)


def status(settings: Settings) -> int:
    """Say which release is in place and whether it is whole."""
    release = read_release(settings.current)
    if release is None:
        say(f"no release in {settings.release}; make one with: make refresh")
        return FAILED
    wrong = differences(release)
    say(f"release   {release.folder}")
    made = release.manifest["created_at"]
    say(f"vintage   {release.manifest['vintage']} ({release.manifest['data_kind']}), made {made}")
    say("whole     " + ("yes, all checksums agree" if not wrong else "NO: " + "; ".join(wrong)))
    return FAILED if wrong else 0


def trace(
    settings: Settings, city: str, year: int, name: str, *, scope: str | None, deep: bool
) -> int:
    """Print a released value and the steps back to its cells."""
    from orchestration.engine.protocol import UnknownName
    from orchestration.trace import trace_lines

    release = read_release(settings.current)
    if release is None:
        say(f"no release in {settings.release}; make one with: make refresh")
        return FAILED
    try:
        for line in trace_lines(release.warehouse, city, year, name, scope, deep):
            say(line)
        sys.stdout.flush()
    except BrokenPipeError:  # the reader has seen enough, as head; nothing is left to be flushed
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except UnknownName as error:
        raise ReleaseError(
            f"{release.folder} was made by code version {release.manifest.get('code_version')} and can't"
            f" be traced by {code_version()} ({str(error).splitlines()[0]}): refresh, or use the code"
            " that made it"
        ) from error
    return 0


def suggest_headings(settings: Settings, path: Path, known_as: str | None) -> int:
    """Print candidate rows of seeds/heading.csv for what a file prints and no mapping knows."""
    _quiet_libraries()
    from orchestration.landing.headings import as_csv, suggest

    found = suggest(path, settings, known_as)
    sys.stdout.write(as_csv(found.rows))
    for remark in found.remarks:
        sys.stderr.write(f"{remark}\n")
    return 0 if found.has_table else FAILED


def counts(settings: Settings, action: str, name: str) -> int:
    """Write the rows of the release in place as those expected of an input, or compare them."""
    from orchestration.refresh.row_counts import (
        SEED,
        compare,
        count_release,
        in_short,
        read_expected,
        refuse_other_kind,
        write_expected,
    )

    release = read_release(settings.current)
    if release is None:
        say(f"no release in {settings.release}; make one with: make refresh")
        return FAILED
    refuse_other_kind(name, release)
    found = count_release(release)
    if action == "write":
        changed = write_expected(name, found)
        for line in in_short(changed):
            say(line)
        say(f"{len(found)} counts of {name} written to {SEED.name}, {len(changed)} of them changed")
        return 0
    expected = read_expected().get(name)
    if expected is None:
        raise NotFound(
            f"no counts of {name!r} in {SEED.name}; write them with: citypanel counts write {name}"
        )
    wrong = compare(expected, found)
    for line in in_short(wrong):
        say(line)
    if wrong:
        say(f"if these are right: citypanel counts write {name}, and review the difference in git")
        return FAILED
    say(f"all {len(expected)} counts of {name} are as expected")
    return 0


def in_words(error: OSError) -> str:
    """What the system refused, where, and what to do."""
    if error.strerror is None:
        return str(error)
    said = f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return f"{said}; {ADVICE[error.strerror]}" if error.strerror in ADVICE else said


def parser() -> argparse.ArgumentParser:
    """The commands and their arguments."""
    main_parser = argparse.ArgumentParser(
        prog="citypanel", description="City yearbooks in, policy estimates out."
    )
    commands = main_parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("refresh", help="read the inbox, build, check, estimate and release")
    one.add_argument(
        "--inbox", help="folder of yearbook files; without it the embedded sample is used"
    )
    one.add_argument("--release", help="folder of releases (default: release)")
    one.add_argument("--force", action="store_true", help="refresh even when nothing has changed")
    one = commands.add_parser("status", help="which release is in place, and is it whole")
    one.add_argument("--release", help="folder of releases (default: release)")
    one = commands.add_parser("trace", help="a released value and every step back to its cell")
    one.add_argument("city", help="name or code, as 襄阳市 or 420600")
    one.add_argument("year", type=int)
    one.add_argument(
        "name",
        help="column of marts.city_year, code or name of an indicator, index, or policy: gdp, nqpf,"
        " nqpf.laborers, efficiency_public_service_ccr, region, smart_city, did",
    )
    one.add_argument("--scope", choices=["total", "districts"], help="of an indicator")
    one.add_argument(
        "--deep",
        action="store_true",
        help="follow scores down to cells too; figures always are",
    )
    one.add_argument("--release", help="folder of releases (default: release)")
    one = commands.add_parser("headings", help="candidate rows for headings that are not mapped")
    one = one.add_subparsers(dest="action", required=True).add_parser(
        "suggest", help="print rows for seeds/heading.csv; changes nothing"
    )
    one.add_argument("file", type=Path, help="a yearbook file")
    one.add_argument("--inbox", help="folder of yearbook files that the file belongs to")
    one.add_argument("--as", dest="known_as", help="path that the file will have in the inbox")
    one = commands.add_parser("counts", help="rows per mart and year, expected and found")
    actions = one.add_subparsers(dest="action", required=True)
    for action, what in (
        ("write", "take the release in place as what is expected"),
        ("check", "compare the release in place with what is expected"),
    ):
        one = actions.add_parser(action, help=what)
        one.add_argument("input", help="name of the input, as sample or shared_panels")
        one.add_argument("--release", help="folder of releases (default: release)")
    return main_parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; the exit code is 0, 1 for a failure, 2 for a call that can't be used.

    130 for one that was interrupted.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # Chinese names on a terminal that has no Chinese
            stream.reconfigure(errors="backslashreplace")
    chosen = parser().parse_args(arguments)
    try:
        settings = _settings(chosen)
        if chosen.command == "refresh":
            return refresh(settings, force=chosen.force)
        if chosen.command == "status":
            return status(settings)
        if chosen.command == "headings":
            return suggest_headings(settings, chosen.file, chosen.known_as)
        if chosen.command == "counts":
            return counts(settings, chosen.action, chosen.input)
        return trace(
            settings, chosen.city, chosen.year, chosen.name, scope=chosen.scope, deep=chosen.deep
        )
    except CitypanelError as error:
        sys.stderr.write(f"citypanel {chosen.command}: {error}\n")
        return error.exit_code
    except OSError as error:
        sys.stderr.write(f"citypanel {chosen.command}: {in_words(error)}\n")
        return FAILED
    except KeyboardInterrupt:
        sys.stderr.write(f"citypanel {chosen.command}: interrupted; the last release stands\n")
        return INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
