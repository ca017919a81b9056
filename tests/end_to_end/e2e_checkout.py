"""A checkout of its own for a test that changes seeds, and the command line in it.

Belongs here: copying, writing rows of seeds, running. Does not belong here: what is expected.
"""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from e2e_inbox import REPO
from e2e_process import Finished

PARTS = ("analysis", "dbt_project", "expectations", "orchestration", "seeds")
Row = dict[str, str]


def new_checkout(folder: Path) -> Path:
    """What a refresh needs of the repository, in a folder."""
    for part in PARTS:
        shutil.copytree(
            REPO / part,
            folder / part,
            ignore=shutil.ignore_patterns("__pycache__", "target", "logs"),
        )
    shutil.copyfile(REPO / "requirements.lock", folder / "requirements.lock")
    return folder


def run_in(checkout: Path, *arguments: object) -> Finished:
    """A command of the checkout's own code, with its releases in `release`."""
    done = subprocess.run(
        [sys.executable, "-m", "orchestration.commands.main", *map(str, arguments)],
        cwd=checkout,
        env={
            **{
                name: value
                for name, value in os.environ.items()
                if not name.startswith("CITYPANEL")
            },
            "PYTHONPATH": str(checkout),
            "CITYPANEL_STATE": str(checkout / "build"),
            "CITYPANEL_RELEASE": str(checkout / "release"),
        },
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    return Finished(done.returncode, done.stdout, done.stderr, 0.0)


def add_row(checkout: Path, seed: str, row: Mapping[str, object], before: str = "") -> None:
    """A row more in a seed: before the first whose first column is greater than `before`, or last."""
    path = checkout / "seeds" / f"{seed}.csv"
    header, rows = _read(path)
    at = next((n for n, each in enumerate(rows) if before and each[header[0]] > before), len(rows))
    rows.insert(at, {name: str(row.get(name, "")) for name in header})
    _write(path, header, rows)


def change_rows(checkout: Path, seed: str, change: Callable[[Row], Mapping[str, str]]) -> int:
    """Put what `change` gives into each row; how many rows it gave something for."""
    path = checkout / "seeds" / f"{seed}.csv"
    header, rows = _read(path)
    changes = [change(row) for row in rows]
    _write(path, header, [row | new for row, new in zip(rows, changes, strict=True)])
    return sum(bool(new) for new in changes)


def _read(path: Path) -> tuple[list[str], list[Row]]:
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        return list(reader.fieldnames or ()), list(reader)


def _write(path: Path, header: list[str], rows: list[Row]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, header, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
