"""Opening a warehouse, and the reads that several rooms share.

Belongs here: how the file being built and a released one are opened, and queries of more than one
room. Does not belong here: what DuckDB is told (`duck`), queries of a single purpose (beside it),
when to run.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from orchestration.engine.duck import DuckDBWarehouse
from orchestration.engine.protocol import Warehouse, WarehouseError
from orchestration.errors import NotFound

MEMORY_LIMIT = os.environ.get("CITYPANEL_MEMORY", "350MB")
"""What DuckDB may use. This and `BUILDING` stand in dbt_project/profiles.yml too: a file can't be opened
twice in two ways.
"""
BUILDING: dict[str, Any] = {"threads": 1, "fsync_mode": "none"}
"""How the warehouse being built is opened. It need not outlive a power cut: the copy that is released is
brought to the disk, once, and not each table on the way.
"""
LIMIT_OF_WRITING = os.environ.get("CITYPANEL_MEMORY", "150MB")
"""The same while tables are written out: they stream, and the report is drawn in the same process."""

RULES = """
select distinct policy_id, coverage, timing
from marts.policy_exposure
order by all
"""
STUDY_PANEL = """
select panel.*, exposure.did, exposure.first_treated_year
from marts.city_year as panel
inner join marts.policy_exposure as exposure using (city_code, year)
where exposure.policy_id = ? and exposure.coverage = ? and exposure.timing = ?
order by city_code, year
"""


def _connect(path: Path, config: dict[str, Any] | None = None) -> duckdb.DuckDBPyConnection:
    """Open a file: read-only, or for writing with a configuration."""
    connection = duckdb.connect(str(path), read_only=config is None, config=config or {})
    # Where DuckDB takes Python for interactive, a query of more than two seconds would draw a bar on
    # the screen, in the midst of an answer.
    connection.execute("set enable_progress_bar = false")
    return connection


@contextmanager
def open_warehouse(path: Path, memory_limit: str = MEMORY_LIMIT) -> Iterator[DuckDBWarehouse]:
    """The warehouse being built, for writing. One thread: sums must not depend on the order of threads."""
    connection = _connect(path, {**BUILDING, "memory_limit": memory_limit})
    try:
        yield DuckDBWarehouse(connection)
    finally:
        connection.close()


@contextmanager
def open_release(path: Path) -> Iterator[DuckDBWarehouse]:
    """A released warehouse, read-only; raises WarehouseError for one that can't be opened."""
    try:
        connection = _connect(path)
    except duckdb.Error as error:
        raise WarehouseError(
            f"{path} can't be opened: {error}; put it back in order (citypanel status says what"
            f" changed), or move {path.parent} away to start without it"
        ) from error
    try:
        yield DuckDBWarehouse(connection)
    finally:
        connection.close()


def study_panel(warehouse: Warehouse, policy_id: str, coverage: str, timing: str) -> pd.DataFrame:
    """The wide panel with `did` and `first_treated_year` of a policy rule.

    Raises NotFound for a rule that the warehouse doesn't have.
    """
    known = warehouse.rows(RULES)
    if (policy_id, coverage, timing) not in known:
        offered = "; ".join(" / ".join(rule) for rule in known) or "none"
        raise NotFound(
            f"policy {policy_id!r} with coverage {coverage!r} and timing {timing!r} is not in"
            f" marts.policy_exposure; it has: {offered}"
        )
    return warehouse.frame(STUDY_PANEL, policy_id, coverage, timing)


def panel(warehouse: Warehouse) -> pd.DataFrame:
    """The wide panel, one row per city and year."""
    return warehouse.frame("select * from marts.city_year order by city_code, year")


def dataset_version(warehouse: Warehouse) -> tuple[str, str]:
    """Vintage and kind of the data; raises NotFound before the marts are built."""
    found = warehouse.row("select vintage, data_kind from marts.dataset_version")
    if found is None:
        raise NotFound("marts.dataset_version is empty: build the marts first")
    return found[0], found[1]


def comparison_subjects(warehouse: Warehouse) -> pd.DataFrame:
    """The subjects whose inequality is measured."""
    return warehouse.frame("select * from seed.comparison_subject order by subject_id")
