"""Writes the sample's folder of yearbook workbooks.

Belongs here: which files there are, that they appear all at once, and that a second call does
nothing. Does not belong here: the look of a page, the figures.
"""

from __future__ import annotations

import csv
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from orchestration.sample.layout import Table
from orchestration.sample.pages import SIMULATED_LINE, write_workbook
from orchestration.sample.places import SEED_FILES, SEEDS, YEARS
from orchestration.sample.tables import TABLES

World = Literal["policy", "no_policy"]
MARKER = ".sample.json"
SOURCES_HEADER = (
    "file_pattern", "publisher", "edition", "statistic_year", "licence", "citation", "data_kind",
)  # fmt: skip
PARTS = 2  # processes that write workbooks, when there is nothing else to do


def _version() -> str:
    """Hash over the package's source and the seeds that it reads."""
    digest = hashlib.sha256()
    folder = Path(__file__).parent
    files = sorted([*folder.glob("*.py"), *folder.glob("*.csv")])
    for path in [*files, *(SEEDS / name for name in SEED_FILES)]:
        digest.update(path.name.encode())
        digest.update(path.read_bytes().replace(b"\r\n", b"\n") if path.is_file() else b"absent")
    return digest.hexdigest()[:16]


SAMPLE_VERSION: str = _version()


def _folder(edition: int) -> str:
    return f"中国城市统计年鉴{edition}"


def workbooks() -> list[tuple[int, int, Table, str]]:
    """Every workbook: position of the statistic year, edition, table, path inside the folder."""
    return [
        (t, int(year) + 1, table, f"{_folder(int(year) + 1)}/{table.number} {table.title_zh}.xlsx")
        for t, year in enumerate(YEARS)
        for table in TABLES
    ]


def write_part(folder: Path, world: World, part: int, parts: int = PARTS) -> int:
    """Write every `parts`-th workbook, from `part` on; returns the number of value cells."""
    from orchestration.sample.simulation import simulate

    simulated = simulate(policy=world == "policy")
    cells = 0
    for t, edition, table, name in workbooks()[part::parts]:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        values = {
            (column.code, scope): simulated.values[column.code, scope]
            / column.heading(edition).factor
            for column in table.columns
            for scope in column.scopes
        }
        cells += write_workbook(
            path,
            table,
            simulated.places,
            year_index=t,
            edition=edition,
            values=values,
            gaps=simulated.gaps,
        )
    return cells


def write_sample(
    target: Path,
    *,
    world: World = "policy",
    progress: Callable[[str], None] | None = None,
    meanwhile: Callable[[], object] | None = None,
) -> Path:
    """Write the sample yearbooks to `target` and return it.

    Another process writes half of them, or all where this one has something to do `meanwhile`.

    All files appear at once: they are written beside the target and put in place by a rename. A
    folder that already holds this version is left alone. Raises FileExistsError where the target
    holds files that the sample did not write.
    """
    say = progress or (lambda _: None)
    target = Path(target).absolute()
    if is_complete(target, world):
        say(f"sample yearbooks: {len(workbooks())} workbooks are there already ({SAMPLE_VERSION})")
        return target
    if target.exists() and not (target / MARKER).is_file() and any(target.iterdir()):
        raise FileExistsError(
            f"{target} holds files that are not the sample's; name an empty folder for the sample"
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    for left in target.parent.glob(f".{target.name}.part-*"):
        shutil.rmtree(left, ignore_errors=True)
    build = target.parent / f".{target.name}.part-{os.getpid()}"
    build.mkdir()
    say(f"sample yearbooks: writing {len(workbooks())} workbooks of simulated figures")
    _write_all(build, world, say, meanwhile)
    _write_sources(build / "sources.csv")
    _write_marker(build, world)
    retired = target.parent / f".{target.name}.part-old-{os.getpid()}"
    if target.exists():
        target.rename(retired)
    build.rename(target)
    shutil.rmtree(retired, ignore_errors=True)
    say(f"sample yearbooks: {len(workbooks())} workbooks in {target}")
    return target


def is_complete(target: Path, world: World) -> bool:
    """Whether the folder holds this version of this world, with every file at its size."""
    try:
        marker = json.loads((target / MARKER).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    if marker.get("version") != SAMPLE_VERSION or marker.get("world") != world:
        return False
    for name, size in marker["files"].items():
        path = target / name
        if not path.is_file() or path.stat().st_size != size:
            return False
    return True


def _write_all(
    build: Path,
    world: World,
    say: Callable[[str], None],
    meanwhile: Callable[[], object] | None,
) -> None:
    """Write the workbooks in two processes, this and another, or in the other alone.

    Where a second process can't be had, or fails, this one writes its part too.
    """
    parts = PARTS if meanwhile is None else 1
    theirs = parts - 1
    command = [sys.executable, "-m", "orchestration.sample", str(build), world]
    root = str(Path(__file__).resolve().parents[2])
    path = os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH", "")]))
    helper, code = None, None
    if (os.cpu_count() or 1) > 1:
        try:
            helper = subprocess.Popen(
                [*command, str(theirs), str(parts)],
                env={**os.environ, "PYTHONPATH": path},
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        except OSError as error:
            say(f"sample yearbooks: no second process ({error}); writing in this one")
    try:
        if meanwhile is None:
            write_part(build, world, 0, parts)
        else:
            meanwhile()
    except BaseException:
        if helper is not None:
            helper.kill()
        raise
    finally:
        if helper is not None:
            code = helper.wait()
    if code != 0:
        if code is not None:
            say(f"sample yearbooks: second process ended with {code}; writing its part")
        write_part(build, world, theirs, parts)


def _write_sources(path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as handle:
        out = csv.writer(handle, lineterminator="\n")
        out.writerow(SOURCES_HEADER)
        for year in YEARS:
            edition = int(year) + 1
            out.writerow(
                (
                    f"{_folder(edition)}/*.xlsx",
                    "citypanel sample (simulated)",
                    edition,
                    "",
                    "CC0-1.0",
                    f"{SIMULATED_LINE}: citypanel sample {SAMPLE_VERSION}, edition {edition}",
                    "simulated",
                )
            )


def _write_marker(build: Path, world: World) -> None:
    files = {
        path.relative_to(build).as_posix(): path.stat().st_size
        for path in sorted(build.rglob("*"))
        if path.is_file()
    }
    record = {"version": SAMPLE_VERSION, "world": world, "data_kind": "simulated", "files": files}
    (build / MARKER).write_text(
        json.dumps(record, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
    )
