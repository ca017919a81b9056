"""`citypanel report`: the report of a release, made again from the release alone."""

from __future__ import annotations

import argparse
from pathlib import Path

from orchestration.commands.verb import Verb, release_in_place, say, takes_release
from orchestration.errors import FAILED
from orchestration.fingerprint import code_version
from orchestration.releases.manifest import ReleaseError, read_release
from orchestration.settings import Settings


def declare(parser: argparse.ArgumentParser) -> None:
    """Which release, and where to write."""
    parser.add_argument(
        "--to", type=Path, required=True, help="folder that index.html is written into"
    )
    takes_release(parser)


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Write the report of the release; the release itself is only read."""
    from analysis.report import render_report
    from orchestration.engine import warehouse
    from orchestration.engine.protocol import UnknownName
    from orchestration.reporting.frames import report_data, sections

    # A release of the archive is named itself; a folder of releases stands for the one in place.
    release = read_release(settings.release) or release_in_place(settings)
    if release is None:
        return FAILED
    target = arguments.to.resolve()
    if target.is_relative_to(release.folder.resolve()):
        raise ReleaseError(f"{target} is in the release, which is only read: give another folder")
    try:
        with warehouse.open_release(release.warehouse) as opened:
            data = report_data(opened)
        page = render_report(data, sections(), target)
    except UnknownName as error:
        raise ReleaseError(
            f"{release.folder} was made by code version {release.manifest.get('code_version')} and lacks"
            f" what the report of {code_version()} needs ({str(error).splitlines()[0]}): refresh, or use"
            " the code that made it"
        ) from error
    say(f"{page}")
    return 0


REPORT = Verb("report", "the report of a release, made again from it alone", declare, run)
