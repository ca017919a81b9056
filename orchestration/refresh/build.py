"""One private build: its folder, and the facts that its steps leave for one another.

Belongs here: where a refresh keeps what nobody may see yet. Does not belong here: the steps (`steps`).
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orchestration.releases.lock import take_lock
from orchestration.releases.manifest import ReleaseError
from orchestration.settings import Settings


@dataclass(frozen=True)
class Build:
    """The private folder of one refresh."""

    settings: Settings
    folder: Path

    @classmethod
    def of_run(cls, settings: Settings, run_id: str) -> Build:
        """The build of a run, under the lock; its folder is made when it is not there."""
        take_lock(settings)
        folder = settings.build(run_id)
        folder.mkdir(parents=True, exist_ok=True)
        return cls(settings, folder)

    @property
    def warehouse(self) -> Path:
        """The DuckDB file being built."""
        return self.folder / "building.duckdb"

    @property
    def checks(self) -> Path:
        """Results of the gates."""
        return self.folder / "checks"

    @property
    def outcome(self) -> Path:
        """What will be the release."""
        return self.folder / "release"

    def begin_from_release(self) -> None:
        """Where this run has built nothing, go on from a copy of the release in place.

        Raises ReleaseError without a release. What is made of the copy is never released.
        """
        if self.warehouse.is_file():
            return
        released = self.settings.current / "warehouse.duckdb"
        if not released.is_file():
            raise ReleaseError(
                f"{released} isn't there: run a whole refresh first, then parts of it can be made again"
            )
        shutil.copyfile(released, self.warehouse)

    def facts(self) -> dict[str, Any]:
        """Facts that steps leave for later ones."""
        path = self.folder / "facts.json"
        return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}

    def add_facts(self, **facts: Any) -> None:
        """Leave facts for later steps."""
        (self.folder / "facts.json").write_text(
            json.dumps({**self.facts(), **facts}), encoding="utf-8"
        )
