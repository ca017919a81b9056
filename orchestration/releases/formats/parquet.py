"""Parquet: a file per table, `parquet/<schema>/<table>.parquet`.

Belongs here: writing and checking these files. Does not belong here: which tables are public.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from orchestration.engine.protocol import Warehouse
from orchestration.releases.formats.base import Format


def _path(folder: Path, schema: str, name: str) -> Path:
    return folder / schema / f"{name}.parquet"


def write(warehouse: Warehouse, folder: Path, data_kind: str) -> int:
    """Write every public table, rows in the order of all columns; how many.

    Each file says in its metadata what kind of data it holds.
    """
    tables = warehouse.tables()
    for schema, name in tables:
        target = _path(folder, schema, name)
        target.parent.mkdir(parents=True, exist_ok=True)
        warehouse.copy_table(schema, name, target, {"data_kind": data_kind})
    return len(tables)


def check(warehouse: Warehouse, folder: Path) -> Iterator[str]:
    """Tables without a file, and files that hold other rows than their table."""
    for table, rows in warehouse.row_counts().items():
        path = _path(folder, *table.split("."))
        if not path.is_file():
            yield f"it lacks {path.relative_to(folder.parent)}"
            continue
        found = warehouse.row("select count(*) from read_parquet(?)", str(path))
        if found is None or found[0] != rows:
            held = "no rows that can be counted" if found is None else f"{found[0]:,} rows"
            yield f"{path.relative_to(folder.parent)} holds {held}, {table} {rows:,}"


PARQUET = Format("parquet", "Parquet", write, check)
