"""`citypanel export`: panel, estimates, tables and figures of a release as files for other programs."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from pathlib import Path

from orchestration.commands.verb import Verb, release_in_place, say, takes_release
from orchestration.errors import FAILED, CitypanelError
from orchestration.releases.manifest import Release, ReleaseError, read_release
from orchestration.settings import Settings

ROWS = ("csv", "csv-excel", "stata", "excel", "parquet", "arrow")
FORMS = {
    "panel": ROWS,
    "estimates": ROWS,
    "tables": ("latex", "word", "excel", "markdown"),
    "figures": ("svg", "pdf", "png"),
}
"""Forms of what can be exported, the default first."""


class BadPart(CitypanelError):
    """A part that can't be asked for so."""


def declare(parser: argparse.ArgumentParser) -> None:
    """Which table, which part of it, and the form."""
    parser.add_argument("table", choices=list(FORMS), metavar="|".join(FORMS))
    every = list(dict.fromkeys(form for forms in FORMS.values() for form in forms))
    listed = "; ".join(f"{name}: {', '.join(FORMS[name])}" for name in FORMS if name != "estimates")
    parser.add_argument(
        "--format", choices=every, metavar="FORMAT", help=f"{listed}; the first is the default"
    )
    parser.add_argument(
        "--to", type=Path, required=True, help="folder that the file is written into"
    )
    parser.add_argument("--city", action="append", default=[], help="name or code; may be repeated")
    parser.add_argument("--years", help="2015 or 2010-2020")
    parser.add_argument(
        "--column", action="append", default=[], help="of the panel; may be repeated"
    )
    parser.add_argument(
        "--only",
        action="append",
        default=[],
        help="number or key of a table or figure of the report; may be repeated",
    )
    takes_release(parser)


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Write what was asked for; say where, how much, and what had to be altered."""
    form = arguments.format or FORMS[arguments.table][0]
    if form not in FORMS[arguments.table]:
        raise BadPart(
            f"{arguments.table} are not written as {form}; choose one of {', '.join(FORMS[arguments.table])}"
        )
    if arguments.table != "panel" and (arguments.city or arguments.years or arguments.column):
        raise BadPart("--city, --years and --column choose from the panel: leave them out here")
    if arguments.only and arguments.table in ("panel", "estimates"):
        raise BadPart("--only chooses tables or figures: leave it out here")
    years = _years(arguments.years)
    release = read_release(settings.release) or release_in_place(settings)
    if release is None:
        return FAILED
    folder = arguments.to.resolve()
    if folder.is_relative_to(release.folder.resolve()):
        raise ReleaseError(f"{folder} is in the release, which is only read: give another folder")
    folder.mkdir(parents=True, exist_ok=True)
    if arguments.table in ("tables", "figures"):
        return _printed(release, folder, arguments.table, form, arguments.only)
    return _rows(arguments, release, folder, form, years)


def _printed(release: Release, folder: Path, what: str, form: str, only: Sequence[str]) -> int:
    from orchestration.exporting.paper import read_page, write_figures, write_tables

    page = read_page(release.report)
    write = write_tables if what == "tables" else write_figures
    for line in write(page, folder, form, only):
        say(line)
    return 0


def _rows(
    arguments: argparse.Namespace,
    release: Release,
    folder: Path,
    form: str,
    years: tuple[int, int] | None,
) -> int:
    from orchestration.engine import warehouse
    from orchestration.exporting import FORMS as WRITERS
    from orchestration.exporting.part import read_part
    from orchestration.trace.names import city

    ending, write = WRITERS[form]
    with warehouse.open_release(release.warehouse) as opened:
        codes = [city(opened, called)[0] for called in arguments.city]
        version = warehouse.dataset_version(opened)
        part = read_part(opened, arguments.table, version, codes, years, arguments.column)
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


EXPORT = Verb(
    "export", "panel, estimates, tables and figures for Stata, Excel, R, LaTeX, Word", declare, run
)
