"""The access module: every SQL statement that Python sends to DuckDB, but for loading raw cells.

Belongs here: opening the warehouse, reading frames from it, writing estimates, exporting and
copying the release. Does not belong here: what the numbers mean (dbt), or when to run (definitions).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from orchestration.errors import CitypanelError, NotFound
from orchestration.progress import log

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
PUBLIC_SCHEMAS = ("marts", "estimates")
LAST_RELEASE = "last_release"


class WarehouseError(CitypanelError):
    """A warehouse can't be opened or asked; the message says which and what to do."""


def _connect(path: Path, config: dict[str, Any] | None = None) -> duckdb.DuckDBPyConnection:
    """Open a file: read-only, or for writing with a configuration."""
    connection = duckdb.connect(str(path), read_only=config is None, config=config or {})
    # Where DuckDB takes Python for interactive, a query of more than two seconds would draw a bar on
    # the screen, in the midst of an answer.
    connection.execute("set enable_progress_bar = false")
    return connection


@contextmanager
def open_warehouse(
    path: Path, memory_limit: str = MEMORY_LIMIT
) -> Iterator[duckdb.DuckDBPyConnection]:
    """The warehouse being built, for writing. One thread: sums must not depend on the order of threads."""
    connection = _connect(path, {**BUILDING, "memory_limit": memory_limit})
    try:
        yield connection
    finally:
        connection.close()


@contextmanager
def open_release(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A released warehouse, read-only; raises WarehouseError for one that can't be opened."""
    try:
        connection = _connect(path)
    except duckdb.Error as error:
        raise WarehouseError(
            f"{path} can't be opened: {error}; put it back in order (citypanel status says what"
            f" changed), or move {path.parent} away to start without it"
        ) from error
    try:
        yield connection
    finally:
        connection.close()


def tables(
    connection: duckdb.DuckDBPyConnection, schemas: tuple[str, ...] = PUBLIC_SCHEMAS
) -> list[tuple[str, str]]:
    """Schema and name of the tables of the given schemas, sorted; views hold nothing and are left out."""
    return _relations(connection, schemas, "BASE TABLE")


def _relations(
    connection: duckdb.DuckDBPyConnection, schemas: tuple[str, ...], table_type: str
) -> list[tuple[str, str]]:
    rows = connection.execute(
        "select table_schema, table_name from information_schema.tables"
        " where table_catalog = current_database() and list_contains(?, table_schema)"
        " and table_type = ? order by all",
        [list(schemas), table_type],
    ).fetchall()
    return [(schema, name) for schema, name in rows]


def row_counts(
    connection: duckdb.DuckDBPyConnection, schemas: tuple[str, ...] = PUBLIC_SCHEMAS
) -> dict[str, int]:
    """Rows of every public table, keyed `schema.table`."""
    counts = {}
    for schema, name in tables(connection, schemas):
        found = connection.execute(f'select count(*) from "{schema}"."{name}"').fetchone()
        counts[f"{schema}.{name}"] = int(found[0]) if found else 0
    return counts


def frame(
    connection: duckdb.DuckDBPyConnection, query: str, parameters: list[object] | None = None
) -> pd.DataFrame:
    """The result of a query as a frame."""
    return connection.execute(query, parameters or []).df()


def study_panel(
    connection: duckdb.DuckDBPyConnection, policy_id: str, coverage: str, timing: str
) -> pd.DataFrame:
    """The wide panel with `did` and `first_treated_year` of a policy rule.

    Raises NotFound for a rule that the warehouse doesn't have.
    """
    known = connection.execute(
        "select distinct policy_id, coverage, timing from marts.policy_exposure order by all"
    ).fetchall()
    if (policy_id, coverage, timing) not in known:
        offered = "; ".join(" / ".join(rule) for rule in known) or "none"
        raise NotFound(
            f"policy {policy_id!r} with coverage {coverage!r} and timing {timing!r} is not in"
            f" marts.policy_exposure; it has: {offered}"
        )
    return frame(
        connection,
        "select panel.*, exposure.did, exposure.first_treated_year"
        " from marts.city_year as panel"
        " inner join marts.policy_exposure as exposure using (city_code, year)"
        " where exposure.policy_id = ? and exposure.coverage = ? and exposure.timing = ?"
        " order by city_code, year",
        [policy_id, coverage, timing],
    )


def panel(connection: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """The wide panel, one row per city and year."""
    return frame(connection, "select * from marts.city_year order by city_code, year")


def dataset_version(connection: duckdb.DuckDBPyConnection) -> tuple[str, str]:
    """Vintage and kind of the data; raises NotFound before the marts are built."""
    found = connection.execute("select vintage, data_kind from marts.dataset_version").fetchone()
    if found is None:
        raise NotFound("marts.dataset_version is empty: build the marts first")
    return found[0], found[1]


def comparison_subjects(connection: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """The subjects whose inequality is measured."""
    return frame(connection, "select * from seed.comparison_subject order by subject_id")


def write_table(
    connection: duckdb.DuckDBPyConnection,
    schema: str,
    name: str,
    rows: pd.DataFrame,
    comments: dict[str, str],
) -> None:
    """Make a table of a frame, in the order of its rows, with a comment on every column."""
    connection.execute(f'create schema if not exists "{schema}"')
    connection.register("incoming_rows", rows)
    connection.execute(
        f'create or replace table "{schema}"."{name}" as select * from incoming_rows'
    )
    connection.unregister("incoming_rows")
    _comment_columns(connection, schema, name, comments)


def _comment_columns(
    connection: duckdb.DuckDBPyConnection, schema: str, name: str, comments: dict[str, str]
) -> None:
    for column, comment in comments.items():
        quoted = comment.replace("'", "''")
        connection.execute(f'comment on column "{schema}"."{name}"."{column}" is \'{quoted}\'')


def describe_tables(
    connection: duckdb.DuckDBPyConnection,
    descriptions: dict[str, tuple[str, dict[str, str]]],
    data_kind: str,
) -> None:
    """Keep what public tables and columns mean, and the kind of their data, as comments in the file."""
    for word, table_type in (("table", "BASE TABLE"), ("view", "VIEW")):
        for schema, name in _relations(connection, PUBLIC_SCHEMAS, table_type):
            description, columns = descriptions.get(f"{schema}.{name}", ("", {}))
            quoted = f"{description.strip()} [data_kind: {data_kind}]".strip().replace("'", "''")
            connection.execute(f'comment on {word} "{schema}"."{name}" is \'{quoted}\'')
            _comment_columns(connection, schema, name, columns)


def attach_last_release(connection: duckdb.DuckDBPyConnection, released: Path) -> bool:
    """Attach the release in place for comparison; not when its data are of another kind.

    Simulated and published figures have nothing to say to each other.
    """
    if not released.is_file():
        return False
    quoted = str(released).replace("'", "''")
    try:
        connection.execute(f"attach '{quoted}' as {LAST_RELEASE} (read_only)")
        kinds = [
            connection.execute(
                f"select coalesce(bool_or(data_kind = 'simulated'), false)"
                f" from {catalog}raw.yearbook_file"
            ).fetchone()
            for catalog in ("", f"{LAST_RELEASE}.")
        ]
    except duckdb.Error as error:
        # A release of an older version may lack tables; it is no reason not to make a new one.
        log.warning("! the last release can't be compared with: %s", error)
        connection.execute(f"detach database if exists {LAST_RELEASE}")
        return False
    if kinds[0] == kinds[1]:
        return True
    connection.execute(f"detach {LAST_RELEASE}")
    return False


def detach_last_release(connection: duckdb.DuckDBPyConnection) -> None:
    """Undo `attach_last_release`."""
    connection.execute(f"detach {LAST_RELEASE}")


def export_parquet(
    connection: duckdb.DuckDBPyConnection, folder: Path, data_kind: str
) -> dict[str, int]:
    """Write every public table to `folder/<schema>/<table>.parquet`, rows in the order of all columns.

    Each file says in its metadata what kind of data it holds.
    """
    written = {}
    for schema, name in tables(connection):
        target = folder / schema / f"{name}.parquet"
        target.parent.mkdir(parents=True, exist_ok=True)
        quoted = str(target).replace("'", "''")
        connection.execute(
            f'copy (select * from "{schema}"."{name}" order by all) to \'{quoted}\''
            " (format parquet, compression zstd, row_group_size 122880,"
            f" kv_metadata {{data_kind: '{data_kind}'}})"
        )
        written[f"{schema}.{name}"] = target.stat().st_size
    return written


def copy_warehouse(
    connection: duckdb.DuckDBPyConnection, target: Path, leave_out: tuple[str, ...]
) -> None:
    """Copy the open warehouse table by table into a new, compact file; some tables are dropped first.

    `leave_out` names those, as `schema.table`.
    """
    for name in leave_out:
        connection.execute(f"drop table if exists {name}")
    (source,) = connection.execute("select current_database()").fetchone() or ("",)
    connection.execute(f"attach '{str(target).replace(chr(39), chr(39) * 2)}' as released")
    connection.execute(f'copy from database "{source}" to released')
    connection.execute("detach released")
    with target.open("rb") as file:
        os.fsync(file.fileno())
    log.debug("copied %s to %s, %d bytes", source, target, target.stat().st_size)
