"""`citypanel export`: the panel or the estimates of a release as a file for another program."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from orchestration.commands.verb import Verb, release_in_place, say, takes_release
from orchestration.errors import FAILED, CitypanelError
from orchestration.releases.manifest import ReleaseError, read_release
from orchestration.settings import Settings

FORMS = ("stata", "excel", "csv", "csv-excel", "parquet", "arrow")


class BadPart(CitypanelError):
    """A part that can't be asked for so."""


def declare(parser: argparse.ArgumentParser) -> None:
    """Which table, which part of it, and the form."""
    parser.add_argument("table", choices=["panel", "estimates"])
    parser.add_argument("--format", choices=FORMS, default="csv", help="default: csv")
    parser.add_argument(
        "--to", type=Path, required=True, help="folder that the file is written into"
    )
    parser.add_argument("--city", action="append", default=[], help="name or code; may be repeated")
    parser.add_argument("--years", help="2015 or 2010-2020")
    parser.add_argument(
        "--column", action="append", default=[], help="of the panel; may be repeated"
    )
    takes_release(parser)


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Write the file; say where, how many rows, and what had to be altered."""
    from orchestration.engine import warehouse
    from orchestration.exporting import FORMS as WRITERS
    from orchestration.exporting.part import read_part
    from orchestration.trace.names import city

    if arguments.table != "panel" and (arguments.city or arguments.years or arguments.column):
        raise BadPart("--city, --years and --column choose from the panel: leave them out here")
    years = _years(arguments.years)
    release = read_release(settings.release) or release_in_place(settings)
    if release is None:
        return FAILED
    folder = arguments.to.resolve()
    if folder.is_relative_to(release.folder.resolve()):
        raise ReleaseError(f"{folder} is in the release, which is only read: give another folder")
    ending, write = WRITERS[arguments.format]
    with warehouse.open_release(release.warehouse) as opened:
        codes = [city(opened, called)[0] for called in arguments.city]
        version = warehouse.dataset_version(opened)
        part = read_part(opened, arguments.table, version, codes, years, arguments.column)
    folder.mkdir(parents=True, exist_ok=True)
    mark = "-simulated" if part.data_kind == "simulated" else ""
    target = folder / f"{arguments.table}{mark}{ending}"
    private = target.with_name(f".{target.name}.part")
    try:
        altered = write(part, private)
        private.replace(target)
    finally:
        private.unlink(missing_ok=True)
    say(f"{target}: {len(part.frame):,} rows, {len(part.frame.columns)} columns; {part.title}")
    for line in altered:
        say(f"  {line}")
    return 0


def _years(asked: str | None) -> tuple[int, int] | None:
    if asked is None:
        return None
    found = re.fullmatch(r"(\d{4})(?:-(\d{4}))?", asked)
    if not found:
        raise BadPart(f"--years {asked!r}: expected a year or a span, as 2015 or 2010-2020")
    return int(found[1]), int(found[2] or found[1])


EXPORT = Verb("export", "the panel or the estimates as a file for Stata, Excel, R", declare, run)
