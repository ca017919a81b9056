"""A small inbox with its state and releases, to be refreshed and broken.

Belongs here: writing it, refreshing it, and what must hold of it. Does not belong here: what is done to it
(`chaos`).
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import xlsxwriter

from orchestration.releases.keeping import archived
from orchestration.releases.manifest import differences, read_release
from orchestration.releases.place import UNPLACED
from orchestration.settings import REPO, Settings

CITIES = 60
YEARS = (2012, 2013, 2014)
LIMIT = 600
"""Seconds after which a refresh counts as hanging."""


@dataclass
class Place:
    """A small inbox with its state and releases."""

    folder: Path
    rounds: int = 0
    seconds: float = 0.0

    @property
    def inbox(self) -> Path:
        """Yearbook files."""
        return self.folder / "inbox"

    @property
    def settings(self) -> Settings:
        """The same in the words of the program."""
        return Settings(self.inbox, self.folder / "release", self.folder / "state")

    @property
    def environment(self) -> dict[str, str]:
        """The environment of a refresh here."""
        return {
            **os.environ,
            "CITYPANEL_INBOX": str(self.inbox),
            "CITYPANEL_RELEASE": str(self.settings.release),
            "CITYPANEL_STATE": str(self.settings.state),
        }

    @property
    def book(self) -> Path:
        """The workbook."""
        return self.inbox / "中国城市统计年鉴2015" / "2-4 page.xlsx"

    def write(self) -> None:
        """Write the workbook, each time with another figure, so that there is something to do."""
        self.rounds += 1
        self.book.parent.mkdir(parents=True, exist_ok=True)
        part = self.book.with_suffix(".part")
        with xlsxwriter.Workbook(str(part)) as book:
            page = book.add_worksheet("2-4")
            page.write_row(0, 0, ["城市", "年份", "地区生产总值(万元)", "人均地区生产总值(元)"])
            row = 1
            for number, name in enumerate(city_names()):
                for year in YEARS:
                    gdp = 1_000_000 + 7_000 * number + 50_000 * (year - YEARS[0])
                    gdp += self.rounds if number == 0 else 0
                    page.write_row(row, 0, [name, year, gdp, gdp // 100])
                    row += 1
        part.replace(self.book)

    def start(self) -> subprocess.Popen[str]:
        """Begin a refresh."""
        return subprocess.Popen(
            [sys.executable, "-m", "orchestration.commands.main", "refresh"],
            cwd=REPO, env=self.environment, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip

    def refresh(self) -> tuple[int, str]:
        """A whole refresh: exit code and what it said."""
        begun = time.monotonic()
        running = self.start()
        said, _ = running.communicate(timeout=LIMIT)
        self.seconds = time.monotonic() - begun
        return running.returncode, said

    def standing(self) -> str:
        """The release in place; fails unless it is whole."""
        release = read_release(self.settings.current)
        assert release is not None, "no release can be read"
        assert not differences(release), f"damaged: {differences(release)}"
        return release.folder.name

    def recovers(self) -> None:
        """The next refresh succeeds, and leaves nothing half done."""
        self.write()
        code, said = self.refresh()
        assert code == 0, f"the next refresh failed:\n{said[-2000:]}"
        self.standing()
        left = [
            path for path in (self.settings.release / ".build").glob("*") if any(path.rglob("*"))
        ]
        assert not left, f"left behind: {left}"
        assert not list(self.settings.archive.glob(f"*/{UNPLACED}")), "an unplaced release is left"
        numbers = [int(release.folder.name[:4]) for release in archived(self.settings)]
        assert numbers == list(range(1, len(numbers) + 1)), f"numbers of releases: {numbers}"


def city_names() -> list[str]:
    """Names of cities that exist in all years."""
    lines = (REPO / "seeds" / "city.csv").read_text(encoding="utf-8").splitlines()
    head = lines[0].split(",")
    at = {name: head.index(name) for name in ("name_zh", "level", "first_year", "last_year")}
    rows = (line.split(",") for line in lines[1:])
    return [
        row[at["name_zh"]]
        for row in rows
        if (row[at["level"]], row[at["first_year"]], row[at["last_year"]])
        == ("prefecture_city", "1995", "")
    ][:CITIES]
