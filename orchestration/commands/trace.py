"""`citypanel trace`: a released value and every step back to its cells, or a cell and what became of it."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator

from orchestration.commands.verb import Verb, release_in_place, say, takes_release
from orchestration.errors import FAILED, CitypanelError, NotFound
from orchestration.fingerprint import code_version
from orchestration.releases.manifest import ReleaseError, read_release
from orchestration.settings import Settings


class TraceError(CitypanelError):
    """A call that names neither a value nor a cell; the message says what was expected."""


def declare(parser: argparse.ArgumentParser) -> None:
    """City, year and name of the value, and how far to go; or the id of a cell."""
    parser.add_argument(
        "city",
        help="name or code, as 襄阳市 or 420600; or, alone, the id of a cell, as 'd53082f0d1fb!0!R298'"
        " (in single quotes)",
    )
    parser.add_argument("year", type=int, nargs="?")
    parser.add_argument(
        "name",
        nargs="?",
        help="column of marts.city_year, code or name of an indicator, index, or policy: gdp, nqpf,"
        " nqpf.laborers, efficiency_public_service_ccr, region, smart_city, did",
    )
    parser.add_argument("--scope", choices=["total", "districts"], help="of an indicator")
    parser.add_argument(
        "--deep",
        action="store_true",
        help="follow scores down to cells too; figures always are",
    )
    takes_release(parser)


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Print a released value and the steps back to its cells, or a cell and what became of it."""
    from orchestration.engine.protocol import UnknownName
    from orchestration.trace import is_cell_id, trace_lines

    if is_cell_id(arguments.city):
        return _say_lines(_of_cell(arguments, settings))
    if arguments.year is None or arguments.name is None:
        raise TraceError(
            "expected a city, a year and a name, as: citypanel trace 襄阳市 2015 gdp; or the id of a cell,"
            " as: citypanel trace 'd53082f0d1fb!0!R298'"
        )
    release = release_in_place(settings)
    if release is None:
        return FAILED
    asked = (arguments.city, arguments.year, arguments.name, arguments.scope, arguments.deep)
    try:
        return _say_lines(trace_lines(release.warehouse, *asked))
    except UnknownName as error:
        raise ReleaseError(
            f"{release.folder} was made by code version {release.manifest.get('code_version')} and can't"
            f" be traced by {code_version()} ({str(error).splitlines()[0]}): refresh, or use the code"
            " that made it"
        ) from error


def _of_cell(arguments: argparse.Namespace, settings: Settings) -> Iterator[str]:
    """A cell in the release in place, and what a refresh that stopped since makes of it otherwise."""
    from orchestration.trace import cell_lines

    if arguments.year is not None:
        raise TraceError("the id of a cell stands alone: neither year nor name")
    release = read_release(settings.current)
    asked = [] if release is None else [(release.warehouse, f"in the release {release.folder}")]
    asked += [
        (path, f"in {path}, of a refresh that stopped")
        for path in sorted(settings.release.glob(".build/*/building.duckdb"))
    ]
    if not asked:
        raise ReleaseError(f"no release in {settings.release}; make one with: make refresh")
    told: dict[tuple[str, ...], str] = {}
    unknown: NotFound | None = None
    for path, where in asked:
        try:
            told.setdefault(tuple(cell_lines(path, arguments.city)), where)
        except NotFound as error:
            unknown = unknown or error
    if unknown is not None and not told:
        raise unknown
    for lines, where in told.items():
        yield where
        yield from lines


def _say_lines(lines: Iterator[str]) -> int:
    try:
        for line in lines:
            say(line)
        sys.stdout.flush()
    except BrokenPipeError:  # the reader has seen enough, as head; nothing is left to be flushed
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


TRACE = Verb("trace", "a released value back to its cells, or a cell to its page", declare, run)
