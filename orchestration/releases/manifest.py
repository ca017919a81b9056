"""A release on disk: its manifest, written last, and whether its files are as the manifest says.

Belongs here: what a release is, writing and reading `MANIFEST.json`. Does not belong here: putting
one in place (`place`), whether its tables are right (`validate`).
"""

from __future__ import annotations

import json
import os
import platform
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from orchestration.errors import CitypanelError
from orchestration.fingerprint import code_version, file_sha256

MANIFEST = "MANIFEST.json"
SUMS = "SHA256SUMS"
"""The checksums of all files once more, as `sha256sum --check` reads them."""
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


def write_manifest(folder: Path, facts: dict[str, Any]) -> dict[str, Any]:
    """Write SHA256SUMS and MANIFEST.json over all other files of the folder; the last files to be written."""
    files = {
        path.relative_to(folder).as_posix(): {
            "sha256": file_sha256(path),
            "bytes": path.stat().st_size,
        }
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name not in (MANIFEST, SUMS)
    }
    sums = folder / SUMS
    sums.write_text(
        "".join(f"{facts['sha256']}  {name}\n" for name, facts in files.items()), encoding="utf-8"
    )
    files[SUMS] = {"sha256": file_sha256(sums), "bytes": sums.stat().st_size}
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
