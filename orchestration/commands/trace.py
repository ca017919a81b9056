"""`citypanel trace`: a released value, and every step back to its cells."""

from __future__ import annotations

import argparse
import os
import sys

from orchestration.commands.verb import Verb, release_in_place, say, takes_release
from orchestration.errors import FAILED
from orchestration.fingerprint import code_version
from orchestration.releases.manifest import ReleaseError
from orchestration.settings import Settings


def declare(parser: argparse.ArgumentParser) -> None:
    """City, year and name of the value, and how far to go."""
    parser.add_argument("city", help="name or code, as 襄阳市 or 420600")
    parser.add_argument("year", type=int)
    parser.add_argument(
        "name",
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
    """Print a released value and the steps back to its cells."""
    from orchestration.engine.protocol import UnknownName
    from orchestration.trace import trace_lines

    release = release_in_place(settings)
    if release is None:
        return FAILED
    asked = (arguments.city, arguments.year, arguments.name, arguments.scope, arguments.deep)
    try:
        for line in trace_lines(release.warehouse, *asked):
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


TRACE = Verb("trace", "a released value and every step back to its cell", declare, run)
