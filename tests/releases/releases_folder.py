"""Small releases without a warehouse: files of invented bytes under a manifest."""

from __future__ import annotations

import random
from pathlib import Path

from orchestration.releases import keeping
from orchestration.releases.manifest import Release, write_manifest
from orchestration.releases.place import keep
from orchestration.settings import Settings

SIZE = 60_000
"""Bytes of the large file of a release: enough that a difference from another shows."""


def settings_in(folder: Path) -> Settings:
    return Settings(inbox=folder / "inbox", release=folder / "release", state=folder / "state")


def content(changed: int = 0) -> bytes:
    """Random bytes, of which the first few differ by `changed`."""
    return bytes([changed] * 16) + random.Random(7).randbytes(SIZE)


def archived(settings: Settings, name: str, changed: int = 0, kind: str = "simulated") -> Release:
    """A release in the archive that no link leads to yet."""
    build = settings.build(name) / "release"
    build.mkdir(parents=True)
    (build / "warehouse.duckdb").write_bytes(content(changed))
    (build / "same.txt").write_text("alike in all")
    (build / "CHANGES.md").write_text(f"changes of {name}")
    write_manifest(
        build,
        {"vintage": f"2014-{name}", "fingerprint": name, "data_kind": kind, "made_from": {}},
    )
    folder = keep(settings, build, f"2014-{name}")
    (folder / ".unplaced").unlink()
    return keeping.named(settings, folder.name)
