"""A finished build, looked at as a reader would before it is put in place.

Belongs here: what every release must hold. Does not belong here: how a format's files are checked
(`formats`), which parts the explorer has (`exploring`), rules about figures (`expectations`).
"""

from __future__ import annotations

from pathlib import Path

from orchestration.engine.warehouse import open_release
from orchestration.exploring import missing_parts
from orchestration.releases.formats import FORMATS
from orchestration.releases.manifest import MANIFEST, ReleaseError

NEEDED = ("warehouse.duckdb", "report/index.html", "explorer/index.html", MANIFEST)


def validate(folder: Path) -> None:
    """Check that the file opens read-only, that every format agrees with it, and that there are figures.

    Raises ReleaseError.
    """
    for name in NEEDED:
        if not (folder / name).is_file():
            raise ReleaseError(f"the build {folder} lacks {name}: it is not released")
    with open_release(folder / "warehouse.duckdb") as warehouse:
        wrong = [problem for one in FORMATS for problem in one.check(warehouse, folder / one.name)]
        wrong += missing_parts(warehouse, folder / "explorer")
        figures = warehouse.row_counts().get("marts.indicator_value")
    if wrong:
        raise ReleaseError(f"the build {folder} is not released: " + "; ".join(wrong))
    if not figures:
        raise ReleaseError(
            "marts.indicator_value is empty: nothing of the input could be placed, see marts.quarantine"
        )
