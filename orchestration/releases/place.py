"""The release: built privately, checked, and put in place by one rename; older ones are kept.

Belongs here: the lock, private builds, the manifest, swapping, and whether a refresh is needed.
Does not belong here: what is in the tables.
"""

from __future__ import annotations

import fcntl
import json
import os
import platform
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import IO, Any

from orchestration.errors import CitypanelError
from orchestration.fingerprint import code_version, file_sha256
from orchestration.progress import log
from orchestration.settings import Settings

MANIFEST = "MANIFEST.json"
LOCK = ".lock"
UNPLACED = ".unplaced"
"""Marks a folder of the archive until it has been the release in place."""
PACKAGES = (
    "dagster",
    "dbt-core",
    "dbt-duckdb",
    "duckdb",
    "great-expectations",
    "linearmodels",
    "pandas",
)


class ReleaseError(CitypanelError):
    """A release can't be made or used; the message says which and what to do."""


@dataclass(frozen=True)
class Release:
    """A release on disk and its manifest."""

    folder: Path
    manifest: dict[str, Any]

    @property
    def warehouse(self) -> Path:
        """The DuckDB file."""
        return self.folder / "warehouse.duckdb"

    @property
    def report(self) -> Path:
        """The report's page."""
        return self.folder / "report" / "index.html"


def read_release(folder: Path) -> Release | None:
    """The release in a folder; None when there is none or its manifest can't be read."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if not isinstance(manifest, dict) or not {"vintage", "files", "fingerprint"} <= set(manifest):
        return None
    return Release(folder.resolve(), manifest)


def differences(release: Release) -> list[str]:
    """Files of a release that are missing or changed since it was made."""
    wrong = []
    for name, expected in release.manifest["files"].items():
        path = release.folder / name
        if not path.is_file():
            wrong.append(f"{name} is missing")
        elif file_sha256(path) != expected["sha256"]:
            wrong.append(f"{name} was changed")
    return wrong


def is_up_to_date(settings: Settings, fingerprint: str) -> Release | None:
    """The release in place when it is whole and made from the same input and code; else None.

    Says so where the one in place is damaged.
    """
    release = read_release(settings.current)
    if release is None:
        if settings.current.is_symlink():
            log.warning("! %s leads to no release with a readable %s", settings.current, MANIFEST)
        return None
    wrong = differences(release)
    if wrong:
        log.warning("! the release in place is damaged: %s", "; ".join(wrong))
        return None
    return release if release.manifest["fingerprint"] == fingerprint else None


def refuse_sample_over_published(settings: Settings) -> None:
    """Keep simulated figures from taking the place of published ones; raises ReleaseError."""
    if not settings.is_sample:
        return
    release = read_release(settings.current)
    if release is None and settings.current.exists():
        raise ReleaseError(
            f"{settings.current} has no readable {MANIFEST}, so it may hold published figures and the"
            " sample is simulated: give INBOX=folder/of/yearbooks, or RELEASE=another/folder for the sample"
        )
    if release and release.manifest.get("data_kind") == "published":
        raise ReleaseError(
            f"{settings.current} holds published figures and the sample is simulated:"
            " give INBOX=folder/of/yearbooks, or RELEASE=another/folder for the sample"
        )


def refuse_folders(settings: Settings) -> None:
    """Keep releases out of the inbox, and out of folders that hold something else; raises ReleaseError."""
    for what, path in (("releases", settings.release), ("state", settings.state)):
        if settings.inbox is not None and path.is_relative_to(settings.inbox):
            raise ReleaseError(
                f"the folder of {what}, {path}, lies in the inbox {settings.inbox} and would be read as"
                " yearbooks: keep yearbook files in a folder of their own"
            )
    if settings.current.is_dir() and not settings.current.is_symlink():
        raise ReleaseError(
            f"{settings.current} is a folder, and a link to a release is expected there: move it away,"
            " or give RELEASE=another/folder"
        )
    is_ours = (settings.release / LOCK).is_file() or read_release(settings.current)
    if settings.release.is_dir() and not is_ours:
        others = [
            path.name
            for path in sorted(settings.release.iterdir())
            if not settings.state.is_relative_to(path)
        ]
        if others:
            raise ReleaseError(
                f"{settings.release} is no folder of releases, it holds {', '.join(others[:3])}"
                + (f" and {len(others) - 3} more" if len(others) > 3 else "")
                + ": give RELEASE= a new or empty folder"
            )


_held: dict[Path, IO[str]] = {}


def take_lock(settings: Settings) -> None:
    """One refresh at a time per release folder; the lock goes with the process, however it ends.

    Clears what killed refreshes left behind. Raises ReleaseError while another process refreshes,
    and for folders that can't be used.
    """
    if settings.release in _held:
        return
    refuse_folders(settings)
    settings.release.mkdir(parents=True, exist_ok=True)
    file = (settings.release / LOCK).open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise ReleaseError(
            f"another refresh is at work on {settings.release}: wait for it, or give RELEASE=another/folder"
        ) from None
    _held[settings.release] = file
    clear_private_builds(settings)


def give_back_lock(settings: Settings) -> None:
    """Let other processes refresh."""
    file = _held.pop(settings.release, None)
    if file is not None:
        file.close()


def clear_private_builds(settings: Settings) -> None:
    """Remove what killed refreshes left behind; only under the lock.

    A release that was archived and never put in place goes too: nobody has seen it, and the
    refresh that follows makes it again.
    """
    for mark in sorted(settings.archive.glob(f"*/{UNPLACED}")):
        never_in_place = mark.parent
        if never_in_place.resolve() == settings.current.resolve():
            mark.unlink()
            continue
        away = settings.build(never_in_place.name)  # first by one rename: no half of it may stay
        shutil.rmtree(away, ignore_errors=True)
        away.parent.mkdir(exist_ok=True)
        never_in_place.rename(away)
        log.warning(
            "! removed %s: the refresh that made it was killed before it put it in place",
            never_in_place,
        )
    shutil.rmtree(settings.release / ".build", ignore_errors=True)
    for leftover in settings.release.glob(".current.*"):
        leftover.unlink(missing_ok=True)


def write_manifest(folder: Path, facts: dict[str, Any]) -> dict[str, Any]:
    """Write MANIFEST.json over all other files of the folder; the last file to be written."""
    files = {
        path.relative_to(folder).as_posix(): {
            "sha256": file_sha256(path),
            "bytes": path.stat().st_size,
        }
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != MANIFEST
    }
    manifest = {
        **facts,
        "code_version": code_version(),
        "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "packages": {name: version(name) for name in PACKAGES},
        "files": files,
    }
    path = folder / MANIFEST
    with path.open("w", encoding="utf-8") as file:
        json.dump(manifest, file, ensure_ascii=False, indent=2, sort_keys=False)
        file.write("\n")
        file.flush()
        os.fsync(file.fileno())
    return manifest


def validate(folder: Path) -> None:
    """Check a finished build as a reader would: the file opens read-only, tables and Parquet agree.

    Raises ReleaseError.
    """
    from orchestration.engine import warehouse

    for name in ("warehouse.duckdb", "report/index.html", MANIFEST):
        if not (folder / name).is_file():
            raise ReleaseError(f"the build {folder} lacks {name}: it is not released")
    with warehouse.open_release(folder / "warehouse.duckdb") as connection:
        counts = connection.row_counts()
        for name, rows in counts.items():
            schema, table = name.split(".")
            path = folder / "parquet" / schema / f"{table}.parquet"
            if not path.is_file():
                raise ReleaseError(f"the build {folder} lacks {path.name}: it is not released")
            found = connection.row("select count(*) from read_parquet(?)", str(path))
            if found is None or found[0] != rows:
                raise ReleaseError(
                    f"{path} holds {found} rows, {name} {rows}: the build is not released"
                )
    if not counts.get("marts.indicator_value"):
        raise ReleaseError(
            "marts.indicator_value is empty: nothing of the input could be placed, see marts.quarantine"
        )


def put_in_place(settings: Settings, build: Path, vintage: str) -> Release:
    """Move a finished build into the archive and make it the current release by one rename."""
    settings.archive.mkdir(parents=True, exist_ok=True)
    numbers = [int(path.name[:4]) for path in settings.archive.iterdir() if path.name[:4].isdigit()]
    kept = settings.archive / f"{max(numbers, default=0) + 1:04d}-{vintage}"
    (build / UNPLACED).touch()
    build.rename(kept)
    link = settings.release / f".current.{os.getpid()}"
    link.symlink_to(kept.relative_to(settings.release))
    link.replace(settings.current)
    (kept / UNPLACED).unlink()
    _sync(settings.release)
    release = read_release(settings.current)
    if release is None:
        raise ReleaseError(f"{settings.current} can't be read back: check the disk")
    return release


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
