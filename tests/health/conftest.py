"""A small inbox staged once, and builds of the next stage on copies of it whose seeds a test changes.

Here: files, one parse, one staging. Not here: cases. Seeds are changed in the warehouse, between the
two stages, where a changed CSV would have put them.
"""

import csv
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from orchestration.engine.warehouse import open_warehouse
from orchestration.landing.inbox import list_files
from orchestration.landing.store import land, load_raw
from orchestration.refresh.dbt_runner import BUILT_FILE, NodeResult, run_dbt
from orchestration.refresh.stages import STAGES

FINGERPRINT = "0123456789abcdef"
GDP = "地区生产总值(亿元)"  # held in 10,000 yuan: converted

# (city, year) -> figure in 100 million yuan, by edition. 石家庄 2011 and 2013-2015 are gaps: one can be filled,
# three cannot; 2009 and 2018 lie outside its series.
EDITIONS = {
    2017: {
        ("石家庄市", 2010): 100.0,
        ("石家庄市", 2012): 120.0,
        ("石家庄市", 2016): 160.0,
        ("济南市", 2010): 50.0,
        ("济南市", 2011): 55.0,
        ("莱芜市", 2010): 8.0,
        ("莱芜市", 2011): 9.0,
    },
    2018: {
        ("石家庄市", 2010): 110.0,
        ("石家庄市", 2017): 170.0,
        ("济南市", 2011): 55.0,
        ("济南市", 2018): 90.0,
        ("济南市", 2019): 99.0,
        ("北方市", 2010): 1.0,  # no such city
    },
}


def write_edition(folder: Path, edition: int) -> Path:
    """A CSV page city x year of one edition."""
    path = folder / f"中国城市统计年鉴{edition}" / "2-4.csv"
    path.parent.mkdir(parents=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["城市", "年份", GDP])
        writer.writerows([*place, value] for place, value in EDITIONS[edition].items())
    return path


@dataclass(frozen=True)
class Warehouse:
    """A built warehouse and the parse it comes from."""

    path: Path
    state: Path

    def dbt(self, *command: str) -> list[NodeResult]:
        """A dbt command on it; raises DbtFailure."""
        return run_dbt(command, warehouse=self.path, state=self.state, fingerprint=FINGERPRINT)

    def ask(self, query: str) -> list[tuple[object, ...]]:
        """Rows of a query."""
        with duckdb.connect(str(self.path), read_only=True) as connection:
            return connection.execute(query).fetchall()

    def copy(self, folder: Path, changes: Sequence[str] = ()) -> "Warehouse":
        """A copy on which statements were run."""
        folder.mkdir(parents=True, exist_ok=True)
        copied = Warehouse(folder / BUILT_FILE, self.state)
        shutil.copyfile(self.path, copied.path)
        with open_warehouse(copied.path) as connection:
            for statement in changes:
                connection.run(statement)
        return copied

    def build_indicators(self) -> list[NodeResult]:
        """The stage of indicators with its tests, as a refresh builds it."""
        return self.dbt(
            "build",
            "--select",
            *STAGES["indicators"].select.split(),
            "--exclude",
            "resource_type:unit_test",
            "--indirect-selection",
            "buildable",
        )


@pytest.fixture(scope="session")
def dbt_state(new_state: Callable[[Path], Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the project is parsed, once."""
    return new_state(tmp_path_factory.mktemp("health_state"))


@pytest.fixture(scope="session")
def staged(dbt_state: Path, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """Seeds and staging of two editions."""
    folder = tmp_path_factory.mktemp("health_staged")
    for edition in EDITIONS:
        write_edition(folder / "inbox", edition)
    found = Warehouse(folder / BUILT_FILE, dbt_state)
    with open_warehouse(found.path) as connection:
        load_raw(connection, land(list_files(folder / "inbox"), folder / "cells"), [])
    found.dbt(
        "build",
        "--select",
        *STAGES["observations"].select.split(),
        "--exclude",
        "resource_type:unit_test",
        "resource_type:test",
    )
    return found
