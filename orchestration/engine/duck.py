"""The warehouse in DuckDB.

Belongs here: every statement that depends on DuckDB. Does not belong here: where files lie and how
they are opened (`warehouse`), what the numbers mean (dbt).
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa

from orchestration.engine.protocol import PUBLIC_SCHEMAS, Descriptions, UnknownName
from orchestration.progress import log, told

LAST_RELEASE = "last_release"

# Bytes of a block of a released warehouse. Each column of each table takes whole blocks, and a release has
# thousands of columns of small tables: with DuckDB's 262,144 a third of the file is empty.
RELEASED_BLOCK = 32_768

RELATIONS = """
select table_schema, table_name
from information_schema.tables
where table_catalog = current_database() and list_contains(?, table_schema) and table_type = ?
order by all
"""
IS_SIMULATED = """
select coalesce(bool_or(data_kind = 'simulated'), false)
from {catalog}raw.yearbook_file
"""


def quoted(text: object) -> str:
    """A text as a literal, where DuckDB takes no parameter."""
    return "'" + str(text).replace("'", "''") + "'"


@cache
def _say_once(warning: str) -> None:
    """A warning that every gate would repeat."""
    log.warning(warning)


class DuckDBWarehouse:
    """A `Warehouse` over an open connection.

    `connection` is DuckDB's own; Great Expectations' datasource needs it.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection

    def _answer(self, query: str, parameters: Sequence[object]) -> duckdb.DuckDBPyConnection:
        try:
            return self.connection.execute(query, list(parameters))
        except (duckdb.BinderException, duckdb.CatalogException) as error:
            raise UnknownName(str(error)) from error

    def run(self, statement: str, *parameters: object) -> None:
        """Execute a statement that answers nothing."""
        self._answer(statement, parameters)

    def rows(self, query: str, *parameters: object) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        return self._answer(query, parameters).fetchall()

    def row(self, query: str, *parameters: object) -> tuple[Any, ...] | None:
        """Its first row; None without one."""
        return self._answer(query, parameters).fetchone()

    def records(self, query: str, *parameters: object) -> list[SimpleNamespace]:
        """Its rows, columns by name."""
        found = self._answer(query, parameters)
        columns = [column[0] for column in found.description or ()]
        return [
            SimpleNamespace(**dict(zip(columns, values, strict=True)))
            for values in found.fetchall()
        ]

    def frame(self, query: str, *parameters: object) -> pd.DataFrame:
        """Its rows as a frame."""
        return self._answer(query, parameters).df()

    def frame_named(self, query: str, values: Mapping[str, object]) -> pd.DataFrame:
        """Its rows as a frame; parameters are `$name`."""
        try:
            return self.connection.execute(query, dict(values)).df()
        except (duckdb.BinderException, duckdb.CatalogException) as error:
            raise UnknownName(str(error)) from error

    # ---- what is there

    def tables(self, schemas: tuple[str, ...] = PUBLIC_SCHEMAS) -> list[tuple[str, str]]:
        """Schema and name of the tables of some schemas, sorted; views hold nothing and are left out."""
        return self._relations(schemas, "BASE TABLE")

    def _relations(self, schemas: tuple[str, ...], table_type: str) -> list[tuple[str, str]]:
        return [(schema, name) for schema, name in self.rows(RELATIONS, list(schemas), table_type)]

    def row_counts(self, schemas: tuple[str, ...] = PUBLIC_SCHEMAS) -> dict[str, int]:
        """Rows of every such table, keyed `schema.table`."""
        counts = {}
        for schema, name in self.tables(schemas):
            found = self.row(f'select count(*) from "{schema}"."{name}"')
            counts[f"{schema}.{name}"] = int(found[0]) if found else 0
        return counts

    # ---- writing

    def create(self, schema: str, name: str, columns: Sequence[tuple[str, str]]) -> None:
        """Make an empty table of (name, type), and its schema where there is none."""
        self.run(f'create schema if not exists "{schema}"')
        self.run(
            f'create table "{schema}"."{name}" ('
            + ", ".join(f"{column} {kind}" for column, kind in columns)
            + ")"
        )

    def append(self, schema: str, name: str, rows: Sequence[tuple[Any, ...]]) -> None:
        """Put many rows at the end of a table, in the order of its columns."""
        if rows:
            # As one Arrow table: row by row takes a thousand times as long.
            columns = [pa.array(column) for column in zip(*rows, strict=True)]
            named = pa.table(columns, [f"c{number}" for number in range(len(columns))])
            self.connection.register("incoming_rows", named)
            self.run(f'insert into "{schema}"."{name}" select * from incoming_rows')
            self.connection.unregister("incoming_rows")

    def load_cells(
        self,
        table: str,
        files: Sequence[Path],
        cells: int,
        again: Sequence[tuple[str, Path]] = (),
    ) -> None:
        """Take stored cells into a table; `cells` of all files, to say how far it is.

        `again` are files to be taken once more, each under another key.
        """
        if not files:
            return
        # DuckDB knows how far it is only where it would show a bar of its own.
        self.run("set enable_progress_bar = true; set enable_progress_bar_print = false")
        with told(lambda: f"{self._percent()} of {cells:,} cells taken into the warehouse"):
            self.run(
                f"insert into {table} select * from read_parquet(?)", [str(path) for path in files]
            )
            for key, path in again:
                self.run(
                    f"insert into {table} select ?, * exclude (file_key) from read_parquet(?)",
                    *(key, str(path)),
                )
        self.run("set enable_progress_bar = false")

    def _percent(self) -> str:
        """How much of the running query is done, as far as DuckDB knows."""
        return f"{max(self.connection.query_progress(), 0):.0f} %"

    def write(
        self, schema: str, name: str, rows: pd.DataFrame, comments: Mapping[str, str]
    ) -> None:
        """Make a table of a frame, in the order of its rows, with a comment on every column."""
        self.run(f'create schema if not exists "{schema}"')
        self.connection.register("incoming_rows", rows)
        self.run(f'create or replace table "{schema}"."{name}" as select * from incoming_rows')
        self.connection.unregister("incoming_rows")
        self._comment_columns(schema, name, comments)

    def _comment_columns(self, schema: str, name: str, comments: Mapping[str, str]) -> None:
        for column, comment in comments.items():
            self.run(f'comment on column "{schema}"."{name}"."{column}" is {quoted(comment)}')

    def describe(self, descriptions: Descriptions, data_kind: str) -> None:
        """Keep what public tables and columns mean, and the kind of their data, as comments in the file."""
        for word, table_type in (("table", "BASE TABLE"), ("view", "VIEW")):
            for schema, name in self._relations(PUBLIC_SCHEMAS, table_type):
                description, columns = descriptions.get(f"{schema}.{name}", ("", {}))
                said = f"{description.strip()} [data_kind: {data_kind}]".strip()
                self.run(f'comment on {word} "{schema}"."{name}" is {quoted(said)}')
                self._comment_columns(schema, name, columns)

    # ---- other files

    @contextmanager
    def beside(self, released: Path) -> Iterator[bool]:
        """For the block, the release in place is attached as `last_release`, if it can be compared with."""
        attached = released.is_file() and self._attach_comparable(released)
        yield attached
        if attached:
            self.run(f"detach {LAST_RELEASE}")

    def _attach_comparable(self, released: Path) -> bool:
        try:
            self.connection.execute(f"attach {quoted(released)} as {LAST_RELEASE} (read_only)")
            kinds = [
                self.connection.execute(IS_SIMULATED.format(catalog=catalog)).fetchone()
                for catalog in ("", f"{LAST_RELEASE}.")
            ]
        except duckdb.Error as error:
            # A release of an older version may lack tables; it is no reason not to make a new one.
            _say_once(f"! the last release can't be compared with: {error}")
            self.run(f"detach database if exists {LAST_RELEASE}")
            return False
        if kinds[0] != kinds[1]:
            self.run(f"detach {LAST_RELEASE}")
        return kinds[0] == kinds[1]

    def copy_table(self, schema: str, name: str, target: Path, metadata: Mapping[str, str]) -> None:
        """Write a table as Parquet, rows in the order of all columns."""
        said = ", ".join(f"{key}: {quoted(value)}" for key, value in metadata.items())
        self.run(
            f'copy (select * from "{schema}"."{name}" order by all) to {quoted(target)}'
            f" (format parquet, compression zstd, row_group_size 122880, kv_metadata {{{said}}})"
        )

    def copy_out(self, target: Path, leave_out: Sequence[str]) -> None:
        """Copy table by table into a new, compact file; those to leave out (`schema.table`) are dropped."""
        for name in leave_out:
            self.run(f"drop table if exists {name}")
        (source,) = self.row("select current_database()") or ("",)
        self.run(f"attach {quoted(target)} as released (block_size {RELEASED_BLOCK})")
        self.run(f'copy from database "{source}" to released')
        self.run("detach released")
        with target.open("rb") as file:
            os.fsync(file.fileno())
        log.debug("copied %s to %s, %d bytes", source, target, target.stat().st_size)
