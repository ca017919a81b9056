"""`citypanel study check|run`: a study file tried on the release in place; nothing is archived or locked.

Belongs here: arguments, and what is said or written. Does not belong here: what is wrong in a file
(`refresh.preflight`), estimation (`estimating.trial`), the form of the tables (`reporting.study_text`).
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration.commands.verb import Verb, release_in_place, say, takes_release
from orchestration.errors import FAILED
from orchestration.releases.manifest import ReleaseError
from orchestration.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

TEXT = "tables.md"


def declare(parser: argparse.ArgumentParser) -> None:
    """What to do, with which file."""
    actions = parser.add_subparsers(dest="action", required=True)
    for name, said in (
        ("check", "hold a study file against columns and policies of the release"),
        ("run", "estimate a study on the release; archives nothing"),
    ):
        one = actions.add_parser(name, help=said)
        one.add_argument("file", type=Path, help="a study file (.yml)")
        if name == "run":
            one.add_argument(
                "--method", action="append", default=[], help="this one alone; may be repeated"
            )
            one.add_argument(
                "--to",
                type=Path,
                help="folder for the tables (Markdown and CSV) instead of the screen",
            )
        takes_release(one)


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Check the file; estimate it where that was asked; 1 where the release can't answer it."""
    from orchestration.engine.warehouse import dataset_version, open_release
    from orchestration.estimating.trial import lacking, panel_for, try_study
    from orchestration.refresh.preflight import check_study_file

    begun = time.perf_counter()
    study = check_study_file(arguments.file)
    release = release_in_place(settings)
    if release is None:
        return FAILED
    with open_release(release.warehouse) as opened:
        panel = panel_for(opened, study)
        missing = lacking(study, panel)
        if arguments.action == "check":
            designs = sum(1 for _ in study.designs())
            for line in missing:
                say(f"! {line}")
            say(
                f"{study.id}: columns and policies are known to release {release.folder.name}"
                f"{', but not all have values' if missing else ''}; {designs} designs"
            )
            return FAILED if missing else 0
        folder = _outside(arguments.to, release.folder) if arguments.to else None
        made = try_study(opened, study, panel, arguments.method)
        _, data_kind = dataset_version(opened)
    from orchestration.reporting.study_text import study_text

    text = study_text(made.frames, release.folder.name, data_kind)
    if folder is None:
        say(text)
    else:
        written = _write(folder, study.id, text, made.frames)
        say(f"{folder}: {TEXT} and {written} CSV files; {data_kind} data")
    status = made.status
    say(
        f"{study.id}: {status['status']}, {status['detail']}; nothing was released; "
        f"{time.perf_counter() - begun:.1f} s"
    )
    failed = (made.frames["design_status"]["status"] == "failed").any()
    return FAILED if failed or status["status"] != "estimated" else 0


def _outside(folder: Path, release: Path) -> Path:
    resolved = folder.resolve()
    if resolved.is_relative_to(release.parent.parent.resolve()):
        raise ReleaseError(
            f"{resolved} is among the releases, which are only read: give another folder"
        )
    return resolved


def _write(folder: Path, study: str, text: str, frames: Mapping[str, pd.DataFrame]) -> int:
    """Write the text, and each table with rows as CSV; how many of these."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / TEXT).write_text(text, encoding="utf-8")
    filled = {name: rows for name, rows in frames.items() if len(rows)}
    for name, rows in filled.items():
        rows.to_csv(folder / f"{study}-{name}.csv", index=False)
    return len(filled)


STUDY = Verb("study", "check or try a study file on the release in place", declare, run)
