"""Where things are: the checkout, the inbox, the release, and the private build of one refresh.

Belongs here: paths and the environment variables that move them. Does not belong here: reading or
writing any of them.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from orchestration.errors import CitypanelError

REPO = Path(__file__).resolve().parents[1]
DBT_PROJECT = REPO / "dbt_project"
STUDIES = REPO / "analysis" / "studies"


ON_FAILED_STUDY = "CITYPANEL_ON_FAILED_STUDY"
RELEASE_THE_REST, STOP = "release_the_rest", "stop"
MEMORY = re.compile(r"\d+(\.\d+)?\s*[KMGT]i?B", re.IGNORECASE)


class SettingsError(CitypanelError):
    """An environment variable can't be used; the message names it and what was expected."""


@dataclass(frozen=True)
class Settings:
    """Paths of one run.

    `inbox` is None for the embedded sample, which the project writes itself under `state`.
    `stops_at_failed_study`: nothing is released when a study fails; else all but that study is.
    """

    inbox: Path | None
    release: Path
    state: Path
    stops_at_failed_study: bool = False

    @classmethod
    def from_environment(cls) -> Settings:
        """CITYPANEL_INBOX, CITYPANEL_RELEASE, CITYPANEL_STATE, CITYPANEL_ON_FAILED_STUDY, or their defaults.

        Raises SettingsError for a CITYPANEL_MEMORY that is no amount of memory, and for another word on
        failed studies than release_the_rest and stop.
        """
        failed = os.environ.get(ON_FAILED_STUDY, RELEASE_THE_REST).strip()
        if failed not in (RELEASE_THE_REST, STOP):
            raise SettingsError(
                f"{ON_FAILED_STUDY} is {failed!r}: expected {RELEASE_THE_REST} (what was estimated is"
                f" released, and what failed is named) or {STOP} (nothing is)"
            )
        memory = os.environ.get("CITYPANEL_MEMORY")
        if memory is not None and not MEMORY.fullmatch(memory.strip()):
            raise SettingsError(
                f"CITYPANEL_MEMORY is {memory!r}: expected an amount of memory, as 350MB or 2GB"
            )
        inbox = os.environ.get("CITYPANEL_INBOX", "").strip()
        return cls(
            inbox=Path(inbox).expanduser().resolve() if inbox else None,
            release=Path(os.environ.get("CITYPANEL_RELEASE") or REPO / "release").resolve(),
            state=Path(os.environ.get("CITYPANEL_STATE") or REPO / "build").resolve(),
            stops_at_failed_study=failed == STOP,
        )

    def into_environment(self) -> None:
        """Make these the settings of code that starts from the environment, as Dagster's does."""
        os.environ["CITYPANEL_INBOX"] = str(self.inbox) if self.inbox else ""
        os.environ["CITYPANEL_RELEASE"] = str(self.release)
        os.environ["CITYPANEL_STATE"] = str(self.state)

    @property
    def is_sample(self) -> bool:
        """Whether the embedded, simulated sample is the input."""
        return self.inbox is None

    @property
    def input_folder(self) -> Path:
        """The folder that is read: the user's inbox, or the embedded sample."""
        return self.inbox or self.state / "sample"

    @property
    def cell_store(self) -> Path:
        """Cells of every file ever read, by content: append-only."""
        return self.state / "cells"

    @property
    def logs(self) -> Path:
        """What each refresh said, one file per run."""
        return self.state / "logs"

    @property
    def dbt_target(self) -> Path:
        """Where dbt writes what it compiled."""
        return self.state / "dbt"

    @property
    def current(self) -> Path:
        """The release in place (a link that one rename swaps)."""
        return self.release / "current"

    @property
    def draft(self) -> Path:
        """The release that waits for a decision, where there is one (a link as `current` is)."""
        return self.release / "draft"

    @property
    def journal(self) -> Path:
        """What was decided about each release: append-only."""
        return self.release / "history.jsonl"

    @property
    def publishing(self) -> Path:
        """The policy of publishing, where an administrator wrote one."""
        return self.release / "publishing.yml"

    @property
    def objects(self) -> Path:
        """Contents of packed releases, each once."""
        return self.release / "objects"

    @property
    def archive(self) -> Path:
        """All releases, the one in place among them."""
        return self.release / "archive"

    def build(self, run_id: str) -> Path:
        """The private folder of one refresh; on the release's own file system, so that a rename moves it."""
        return self.release / ".build" / run_id
