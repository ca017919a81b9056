"""Vintages: tables of the schema `estimates` written with those of earlier releases before them.

Belongs here: what becomes of earlier rows when a table's declaration changes, and the stamp of
provenance. Does not belong here: what is estimated (`studies`), declarations (`tables`).

Nothing of an earlier vintage is lost: a renamed column is found by `Table.was`, a column that is no
longer declared stays behind the others, and a table that is no longer declared is carried over whole.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path

import pandas as pd

from analysis.tables import Column
from orchestration.engine import warehouse
from orchestration.engine.protocol import Warehouse
from orchestration.estimating.tables import PROVENANCE, SCHEMA, TABLES
from orchestration.progress import log

NO_LONGER = "No longer made; values of earlier vintages only"


def stamped(rows: pd.DataFrame, provenance: Mapping[str, str]) -> pd.DataFrame:
    """Rows with the columns of provenance in front."""
    made = rows.copy()
    for position, column in enumerate(PROVENANCE):
        made.insert(position, column.name, provenance[column.name])
    return made


def store(
    connection: Warehouse,
    previous: Path | None,
    vintage: str,
    data_kind: str,
    frames: Mapping[str, Sequence[pd.DataFrame]],
) -> dict[str, int]:
    """Write stamped parts of tables, earlier vintages first; rows by `schema.table`."""
    written = {}
    with (
        warehouse.open_release(previous) if previous and previous.is_file() else nullcontext()
    ) as released:
        kept = {name for _, name in released.tables((SCHEMA,))} if released else set()
        for name, parts in frames.items():
            table = TABLES[name]
            rows = table.joined(parts)
            comments = table.comments
            if released and name in kept:
                earlier = table.of_older(_earlier(released, name, vintage, data_kind))
                if len(earlier):
                    comments |= _undeclared(name, earlier, table.columns)
                    rows = pd.concat([earlier, rows], ignore_index=True)
            connection.write(SCHEMA, name, rows, comments)
            written[f"{SCHEMA}.{name}"] = len(rows)
    return written


def carry_over(
    connection: Warehouse, previous: Path | None, vintage: str, data_kind: str
) -> dict[str, int]:
    """Copy tables of the release in place that nothing declares any more; rows by `schema.table`."""
    written: dict[str, int] = {}
    if previous is None or not previous.is_file():
        return written
    with warehouse.open_release(previous) as released:
        for _, name in released.tables((SCHEMA,)):
            if name in TABLES:
                continue
            rows = _earlier(released, name, vintage, data_kind)
            if len(rows):
                log.warning(
                    "! %s.%s is no longer made: its %d rows of earlier vintages are kept as they are",
                    SCHEMA, name, len(rows),
                )  # fmt: skip
                connection.write(SCHEMA, name, rows, dict.fromkeys(rows.columns, NO_LONGER))
                written[f"{SCHEMA}.{name}"] = len(rows)
    return written


def _undeclared(name: str, earlier: pd.DataFrame, declared: tuple[Column, ...]) -> dict[str, str]:
    """Comments on columns that only earlier vintages have, which the log is told of."""
    known = {column.name for column in declared}
    others = {str(column): NO_LONGER for column in earlier.columns if column not in known}
    if others:
        log.warning(
            "! %s.%s has columns that are no longer made: %s; they are kept for earlier vintages",
            SCHEMA, name, ", ".join(others),
        )  # fmt: skip
    return others


def _earlier(released: Warehouse, name: str, vintage: str, data_kind: str) -> pd.DataFrame:
    """Rows of earlier vintages of the same kind of data, from the release in place."""
    return released.frame(
        f'select * from {SCHEMA}."{name}" where vintage <> ? and data_kind = ?', vintage, data_kind
    )


__all__ = ["NO_LONGER", "carry_over", "stamped", "store"]
