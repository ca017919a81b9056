"""Two releases side by side: what the newer one has, lacks, and says otherwise.

Belongs here: making the comparisons, and what they are together. Does not belong here: their queries
(`queries`), words (`text`), causes of an estimate's movement (`movement`). All frames are in a stated order
and may be empty.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from orchestration.changes.queries import PRINTED, QUERIES, SAME
from orchestration.engine.protocol import UnknownName, Warehouse
from orchestration.engine.warehouse import open_release
from orchestration.releases.manifest import Release, ReleaseError

LISTED = 50
"""Revised figures, and movers of an index, that are named one by one; the others are counted."""


@dataclass(frozen=True)
class Changes:
    """What moved from one release to a later one.

    `tables` are the frames of `QUERIES` by name; `untold` says which comparison couldn't be made, and
    why. `made_from` are names of seeds, studies and parts of the code whose content differs.
    """

    before: str
    after: str
    vintage_before: str
    vintage_after: str
    tables: Mapping[str, pd.DataFrame]
    untold: Mapping[str, str] = field(default_factory=dict)
    made_from: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    rows: Mapping[str, tuple[int, int]] = field(default_factory=dict)

    @property
    def headlines(self) -> pd.DataFrame:
        """The headline estimates of studies, with the change in standard errors of the earlier one."""
        told = self.tables["estimates"]
        found = told[told["is_headline"].fillna(False).astype(bool)].copy()
        found["in_errors"] = (
            (found["estimate_after"] - found["estimate_before"]) / found["std_error_before"]
        ).where(found["std_error_before"] > 0)
        return found

    @property
    def is_same(self) -> bool:
        """Whether nothing of the tables moved: no figure, city, class, score or estimate."""
        moved = self.tables["estimates"]
        return (
            all(
                self.tables[name].empty
                for name in ("files", "figures", "cities", "classes", "regimes")
            )
            and not self.tables["scores"].get("other_score", pd.Series(dtype=int)).any()
            and not (_differs(moved["estimate_before"], moved["estimate_after"])).any()
        )


def _differs(one: pd.Series, other: pd.Series) -> pd.Series:
    """Where two columns of estimates differ beyond rounding, or only one has a number."""
    one, other = one.astype(float), other.astype(float)
    apart = (one - other).abs() > SAME * pd.concat([one.abs(), other.abs()], axis=1).max(axis=1)
    return apart | (one.isna() != other.isna())


def compare(
    older: Release,
    newer: Release,
    *,
    warehouse_before: Path | None = None,
    name_after: str | None = None,
) -> Changes:
    """Compare two releases of one kind of data; `name_after` where the newer one has no folder of its own yet.

    Raises ReleaseError where their kinds differ: simulated and published figures have nothing to say to
    each other. A comparison for which an old release lacks a table is named in `untold`.
    """
    kinds = [release.manifest.get("data_kind") for release in (older, newer)]
    if kinds[0] != kinds[1]:
        raise ReleaseError(
            f"{older.folder.name} holds {kinds[0]} figures and {newer.folder.name} {kinds[1]}:"
            " compare releases of one kind"
        )
    tables, untold = {}, {}
    with (
        open_release(newer.warehouse) as connection,
        connection.beside(warehouse_before or older.warehouse) as attached,
    ):
        if not attached:
            raise ReleaseError(
                f"{older.warehouse} can't be compared with: see the log; citypanel status says whether it is whole"
            )
        values: dict[str, object] = {
            "before": older.manifest["vintage"],
            "after": newer.manifest["vintage"],
            "kinds": list(PRINTED),
        }
        for name, query in QUERIES.items():
            try:
                tables[name] = _asked(connection, query, values)
            except UnknownName as error:
                tables[name] = pd.DataFrame(columns=_columns(connection, query, values))
                untold[name] = str(error).splitlines()[0]
    counted = [release.manifest.get("rows", {}) for release in (older, newer)]
    return Changes(
        older.folder.name,
        name_after or newer.folder.name,
        older.manifest["vintage"],
        newer.manifest["vintage"],
        tables,
        untold,
        differing(older.manifest, newer.manifest),
        {
            name: (int(counted[0].get(name, 0)), int(counted[1].get(name, 0)))
            for name in sorted(counted[0].keys() | counted[1].keys())
        },
    )


def _asked(connection: Warehouse, query: str, values: Mapping[str, object]) -> pd.DataFrame:
    return connection.frame_named(query, {k: v for k, v in values.items() if f"${k}" in query})


def _columns(connection: Warehouse, query: str, values: Mapping[str, object]) -> list[str]:
    """The columns that a comparison has, where the older release can't answer it: those of one with itself."""
    alone = query.replace("last_release.", "")
    return list(_asked(connection, f"select * from ({alone.rstrip()}) limit 0", values).columns)


def each(rows: pd.DataFrame) -> Iterator[Any]:
    """Rows with their columns as attributes; the types of cells are the frame's business."""
    yield from rows.itertuples()


def differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Names of what releases were made from whose content differs, by part (`made_from` of manifests).

    A release of before that was written down has nothing to say: its parts are left out.
    """
    told = (before.get("made_from") or {}, after.get("made_from") or {})
    found = {}
    for part in sorted(told[0].keys() & told[1].keys()):
        old, new = (one[part] if isinstance(one[part], dict) else {part: one[part]} for one in told)
        names = sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name))
        if names:
            found[part] = tuple(names)
    return found


__all__ = ["LISTED", "PRINTED", "QUERIES", "SAME", "Changes", "compare", "differing", "each"]
