"""What a broken rule found, one by one: what each is about, what it says, and where it is printed.

Belongs here: parting the failing rows of a rule into subject, statement, cause and cells. Does not
belong here: whether a finding is new or acknowledged, how it is shown.

Two refreshes are compared by subject and statement, so both are plain text, rounded to what people read.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import duckdb

    from expectations.suite import Rule

PLACES = "select file_key, sheet_index, relative_path, sheet_name from staging.stg_yearbook__sheet"
CITIES = "select city_code, name_zh from seed.city"
WHOLE_RULE = "all"
"""Cause of the findings of a rule that names no columns to tell causes apart."""


@dataclass(frozen=True)
class Place:
    """A cell of a yearbook page, as people find it."""

    relative_path: str
    sheet_name: str
    address: str

    def __str__(self) -> str:
        cell = f", {self.address}" if self.address else ""
        sheet = f", sheet {self.sheet_name!r}" if self.sheet_name else ""
        return f"{self.relative_path}{sheet}{cell}"


@dataclass(frozen=True)
class Names:
    """What ids stand for: path and name of sheets by key of the file and number of the sheet, cities by code."""

    sheets: Mapping[tuple[str, str], tuple[str, str]]
    cities: Mapping[str, str]


@dataclass(frozen=True)
class Finding:
    """One row that breaks a rule.

    Attributes:
        cause: what findings that are mended together share.
        subject: what it is about; with the rule, it tells the finding from all others.
        says: what was found of it; another text is another finding.
        cells: ids of the cells that it rests on; none where it rests on no single ones.
        places: where those stand, in the same order.
    """

    cause: str
    subject: str
    says: str
    cells: tuple[str, ...] = ()
    places: tuple[Place, ...] = ()


def is_cell(column: str) -> bool:
    """Whether a column of a rule's rows holds ids of cells, by its name."""
    return column == "cell_id" or column.endswith("_cell_id") or column.startswith("cell_")


def read_names(connection: duckdb.DuckDBPyConnection) -> Names:
    """Files, sheets and cities of the warehouse."""
    return Names(
        sheets={
            (file_key, str(sheet_index)): (relative_path, sheet_name)
            for file_key, sheet_index, relative_path, sheet_name in connection.execute(
                PLACES
            ).fetchall()
        },
        cities=dict(connection.execute(CITIES).fetchall()),
    )


def place_of(cell_id: str, names: Names) -> Place | None:
    """Where a cell stands; None for an id that names no cell of a known sheet."""
    parts = cell_id.split("!")
    if len(parts) != 3 or (parts[0], parts[1]) not in names.sheets:
        return None
    return Place(*names.sheets[parts[0], parts[1]], parts[2])


def text_of(value: Any) -> str:
    """A value as people read it: six digits, thousands unmarked, nothing for a missing one."""
    if isinstance(value, (float, Decimal)):
        return "" if math.isnan(value) else f"{float(value):.6g}"
    return "" if value is None else str(value)


def _said(row: Mapping[str, Any], columns: Iterable[str], names: Names) -> str:
    told = []
    for column in columns:
        text = text_of(row[column])
        if column == "city_code" and text in names.cities:
            text = f"{text} {names.cities[text]}"
        if text:
            told.append(f"{column} {text}")
    return ", ".join(told)


def findings_of(rule: Rule, rows: Sequence[Mapping[str, Any]], names: Names) -> tuple[Finding, ...]:
    """The findings of a rule, in the order of its rows; columns are those of the first row.

    Subject and cause are the columns that the rule declares, else those of its key that are there.
    """
    columns = list(rows[0]) if rows else []
    subject = rule.subject or tuple(name for name in rule.key if name in columns)
    cells = [name for name in columns if is_cell(name)]
    rest = [name for name in columns if name not in subject and name not in cells]
    found = []
    for row in rows:
        ids = tuple(str(row[name]) for name in cells if text_of(row[name]))
        stand = [place for one in ids if (place := place_of(one, names))]
        if not cells and "relative_path" in columns:
            stand = [Place(str(row["relative_path"]), text_of(row.get("sheet_name")), "")]
        found.append(
            Finding(
                cause=_said(row, rule.cause, names) or WHOLE_RULE,
                subject=_said(row, subject, names),
                says=_said(row, rest, names),
                cells=ids,
                places=tuple(dict.fromkeys(stand)),
            )
        )
    return tuple(found)
