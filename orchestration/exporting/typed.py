"""Parquet and Arrow, what each column means in its metadata.

Belongs here: the metadata of fields. Does not belong here: the release's own Parquet (`releases.formats`).
"""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
from pyarrow import feather, parquet

from orchestration.exporting.part import Part


def write_parquet(part: Part, target: Path) -> list[str]:
    """Write Parquet; nothing is altered."""
    parquet.write_table(_table(part), target)
    return []


def write_arrow(part: Part, target: Path) -> list[str]:
    """Write an Arrow (Feather 2) file; nothing is altered."""
    feather.write_feather(_table(part), str(target), compression="uncompressed")
    return []


def _table(part: Part) -> pa.Table:
    table = pa.Table.from_pandas(part.frame, preserve_index=False)
    fields = [
        field.with_metadata({"description": part.meaning[field.name]}) for field in table.schema
    ]
    about = {"title": part.title, "vintage": part.vintage, "data_kind": part.data_kind}
    return table.cast(pa.schema(fields, metadata={**(table.schema.metadata or {}), **about}))
