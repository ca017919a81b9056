"""The part of a table that is exported.

Belongs here: rows and columns that were asked for, and what each column means. Does not belong here: files.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from orchestration.engine.protocol import Warehouse
from orchestration.errors import NotFound

TABLES = {"panel": ("marts", "city_year"), "estimates": ("estimates", "estimate")}
"""What can be asked for, and the table that answers."""
KEYS = ("city_code", "year", "city_name", "city_name_en")
"""Columns of the panel that stay, whichever others are chosen."""
SIMULATED = "SIMULATED DATA: figures are invented"


@dataclass(frozen=True)
class Part:
    """Rows of a table with what its columns mean.

    Attributes:
        name: What was asked for.
        frame: The rows.
        meaning: A sentence per column, in their order.
        vintage: Of the release.
        data_kind: `published` or `simulated`.
    """

    name: str
    frame: pd.DataFrame
    meaning: dict[str, str]
    vintage: str
    data_kind: str

    @property
    def title(self) -> str:
        """Name and vintage; says so where the figures are simulated."""
        mark = f"; {SIMULATED}" if self.data_kind == "simulated" else ""
        return f"citypanel {self.name}, vintage {self.vintage}{mark}"


def read_part(
    warehouse: Warehouse,
    name: str,
    version: tuple[str, str],
    cities: Sequence[str] = (),
    years: tuple[int, int] | None = None,
    columns: Sequence[str] = (),
) -> Part:
    """The rows asked for, ordered by all key columns.

    `cities` are codes, `years` the first and the last, `columns` names of columns of the panel. Raises NotFound
    for a column or years that the table doesn't have.
    """
    schema, table = TABLES[name]
    described = warehouse.rows(
        "select column_name, coalesce(comment, '') from duckdb_columns()"
        " where database_name = current_database() and schema_name = ? and table_name = ?"
        " order by column_index",
        schema,
        table,
    )
    meaning = dict(described)
    chosen = _chosen(meaning, columns)
    conditions: list[str] = ["true"]
    values: list[object] = []
    if cities:
        conditions.append(f"city_code in ({', '.join('?' * len(cities))})")
        values += list(cities)
    if years:
        _check_years(warehouse, f"{schema}.{table}", years)
        conditions.append("year between ? and ?")
        values += list(years)
    order = "city_code, year" if name == "panel" else "rowid"
    if name == "estimates":
        conditions.append("vintage = ?")
        values.append(version[0])
    listed = ", ".join(f'"{column}"' for column in chosen)
    frame = warehouse.frame(
        f"select {listed} from {schema}.{table} where {' and '.join(conditions)} order by {order}",
        *values,
    )
    return Part(name, frame, {column: meaning[column] for column in chosen}, *version)


def _chosen(known: dict[str, str], asked: Sequence[str]) -> list[str]:
    from rapidfuzz import fuzz, process

    for column in asked:
        if column not in known:
            near = [
                found[0]
                for found in process.extract(column, list(known), scorer=fuzz.ratio, limit=3)
            ]
            raise NotFound(
                f"the panel has no column {column!r}; nearest: {', '.join(near)}; all are in"
                " docs/data-dictionary.md"
            )
    return [column for column in known if not asked or column in asked or column in KEYS]


def _check_years(warehouse: Warehouse, table: str, years: tuple[int, int]) -> None:
    first, last = warehouse.row(f"select min(year), max(year) from {table}") or (None, None)
    if years[0] > years[1]:
        raise NotFound(f"years {years[0]}-{years[1]} run backwards: give the first year first")
    if first is None or years[1] < first or years[0] > last:
        raise NotFound(f"no rows of {years[0]}-{years[1]}; the release has {first} to {last}")
