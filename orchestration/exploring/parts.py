"""The data of the explorer, asked of a warehouse: what is loaded at once, and what by part.

Belongs here: which query answers for which part, and how a part is named. Does not belong here: the
queries (`queries`, a file each), files (`write`), how a part is shown (`page`).

A part is a JSON text under a name: `base`, `places`, `city/<code>`, `subject/<column of the panel>`.
DuckDB writes the JSON; Python puts its pieces together and never reads it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from orchestration.engine.protocol import Warehouse

QUERIES = Path(__file__).parent / "queries"

SHARED = ("place", "number")
"""Temporary tables that several parts ask, each made once."""
BASE = ("release", "cities", "subjects", "components", "rules", "comparisons", "policies")
OF_A_CITY = (
    "figures",
    "deflators",
    "scores",
    "obstacles",
    "standing",
    "neighbours",
    "policies",
    "regimes",
    "events",
)
PARTS = ("places", "subjects")
ALWAYS = ("base", "places")
"""Parts that the explorer of any release has."""


def parts(warehouse: Warehouse) -> Iterator[tuple[str, str]]:
    """Name and JSON of every part, in one order for the same warehouse."""
    with _shared(warehouse):
        yield "base", _object({name: _one(warehouse, f"base_{name}") for name in BASE})
        for name in PARTS:
            for part, body in warehouse.rows(_query(f"part_{name}")):
                yield part, body or "[]"
        pieces: dict[str, dict[str, str]] = {}
        for name in OF_A_CITY:
            for code, body in warehouse.rows(_query(f"city_{name}")):
                pieces.setdefault(code, {})[name] = body
        for code, told in sorted(pieces.items()):
            yield f"city/{code}", _object(told)


@contextmanager
def _shared(warehouse: Warehouse) -> Iterator[None]:
    """The shared tables, there for the block; a released warehouse has place for them too."""
    try:
        for name in SHARED:
            warehouse.run(_query(name))
        yield
    finally:
        for name in SHARED:
            warehouse.run(f"drop table if exists temp.explorer_{name}")


def _query(name: str) -> str:
    return (QUERIES / f"{name}.sql").read_text(encoding="utf-8")


def _one(warehouse: Warehouse, name: str) -> str:
    row = warehouse.row(_query(name))
    return (row[0] if row else None) or "[]"


def _object(fields: dict[str, str]) -> str:
    """A JSON object of fields that are JSON already; their names are this module's."""
    return "{" + ",".join(f'"{name}":{body}' for name, body in fields.items()) + "}"
