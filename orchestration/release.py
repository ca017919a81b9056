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

from orchestration.fingerprint import code_version, file_sha256
from orchestration.settings import Settings

MANIFEST = "MANIFEST.json"
PACKAGES = (
    "dagster",
    "dbt-core",
    "dbt-duckdb",
    "duckdb",
    "great-expectations",
    "linearmodels",
    "pandas",
)


class ReleaseError(Exception):
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
    """The release in place when it is whole and made from the same input and code; else None."""
    release = read_release(settings.current)
    if release and release.manifest.get("fingerprint") == fingerprint and not differences(release):
        return release
    return None


def refuse_sample_over_published(settings: Settings) -> None:
    """Keep simulated figures from taking the place of published ones; raises ReleaseError."""
    release = read_release(settings.current)
    if settings.is_sample and release and release.manifest.get("data_kind") == "published":
        raise ReleaseError(
            f"{settings.current} holds published figures and the sample is simulated:"
            " give INBOX=folder/of/yearbooks, or RELEASE=another/folder for the sample"
        )


_held: dict[Path, IO[str]] = {}


def take_lock(settings: Settings) -> None:
    """One refresh at a time per release folder; the lock goes with the process, however it ends.

    Clears what killed refreshes left behind. Raises ReleaseError while another process refreshes.
    """
    if settings.release in _held:
        return
    settings.release.mkdir(parents=True, exist_ok=True)
    file = (settings.release / ".lock").open("w")
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
    """Remove what killed refreshes left behind; only under the lock."""
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
    from orchestration import warehouse

    for name in ("warehouse.duckdb", "report/index.html", MANIFEST):
        if not (folder / name).is_file():
            raise ReleaseError(f"the build {folder} lacks {name}: it is not released")
    with warehouse.open_release(folder / "warehouse.duckdb") as connection:
        counts = warehouse.row_counts(connection)
        for name, rows in counts.items():
            schema, table = name.split(".")
            path = folder / "parquet" / schema / f"{table}.parquet"
            if not path.is_file():
                raise ReleaseError(f"the build {folder} lacks {path.name}: it is not released")
            found = connection.execute(
                "select count(*) from read_parquet(?)", [str(path)]
            ).fetchone()
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
    build.rename(kept)
    link = settings.release / f".current.{os.getpid()}"
    link.symlink_to(kept.relative_to(settings.release))
    link.replace(settings.current)
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
