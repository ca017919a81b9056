"""`citypanel headings suggest`: candidate rows for headings that are not mapped."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from orchestration.commands.verb import Verb, quiet_libraries
from orchestration.errors import FAILED
from orchestration.settings import Settings


def declare(parser: argparse.ArgumentParser) -> None:
    """The file, and where it belongs."""
    suggest = parser.add_subparsers(dest="action", required=True).add_parser(
        "suggest", help="print rows for seeds/heading.csv; changes nothing"
    )
    suggest.add_argument("file", type=Path, help="a yearbook file")
    suggest.add_argument("--inbox", help="folder of yearbook files that the file belongs to")
    suggest.add_argument("--as", dest="known_as", help="path that the file will have in the inbox")


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Print candidate rows of seeds/heading.csv for what a file prints and no mapping knows."""
    quiet_libraries()
    from orchestration.headings import as_csv, suggest

    found = suggest(arguments.file, settings, arguments.known_as)
    sys.stdout.write(as_csv(found.rows))
    for remark in found.remarks:
        sys.stderr.write(f"{remark}\n")
    return 0 if found.has_table else FAILED


HEADINGS = Verb("headings", "candidate rows for headings that are not mapped", declare, run)
