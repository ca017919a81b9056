"""Tables: one declaration of what a table holds, from which all else about it follows.

Belongs here: columns with their type, meaning, unit and role, and what can be made of a declaration
alone: typed frames, comments, keys, the reading of older vintages. Does not belong here: any table
(they stand beside what fills them), rules in SQL, storing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

import pandas as pd

Kind = Literal["string", "Int64", "Float64", "boolean"]
Role = Literal[
    "key",
    "estimate",
    "std_error",
    "statistic",
    "probability",
    "low",
    "high",
    "status",
    "detail",
    "count",
    "text",
    "number",
]
"""What a column is to its table; rules that hold wherever the role stands are made of it.

key: with the other keys tells the rows apart, never null (null keys count as equal). estimate: a
finite number. std_error: positive. statistic: finite. probability: between 0 and 1. low, high: ends
of an interval. status: a word of `WELL`, or else `detail` says why. count: a whole number, 0 or
more. text and number: anything.
"""

WELL = ("estimated", "measured", "ok")
"""Words of a status that need no reason."""

_OF = {
    "std_error": ("estimate",),
    "low": ("estimate", "std_error"),
    "high": ("estimate", "std_error"),
}


class TableError(ValueError):
    """A declaration that contradicts itself, or rows that don't fit it; names table and column."""


@dataclass(frozen=True)
class Column:
    """A column: name, type in pandas, meaning in a phrase, and unit where it has one.

    `of` names the estimate that an error or a bound belongs to, where the table has several. A bound
    `of` a standard error is an interval of the same draws: it need not hold the estimate.
    """

    name: str
    type: Kind
    meaning: str
    unit: str = ""
    role: Role = "text"
    of: str = ""

    @property
    def comment(self) -> str:
        """Meaning with the unit."""
        return f"{self.meaning} [{self.unit}]" if self.unit else self.meaning


@dataclass(frozen=True)
class Table:
    """A table: its name, what a row is, its columns in order.

    `was` maps the old name of a column to the present one, for rows of older vintages.

    Raises TableError for a declaration that contradicts itself.
    """

    name: str
    grain: str
    columns: tuple[Column, ...]
    was: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        names = self.names
        for name in sorted({name for name in names if names.count(name) > 1}):
            raise TableError(f"table {self.name}: column {name!r} is declared twice")
        if not self.keys:
            raise TableError(
                f"table {self.name}: no column has the role key; which tell rows apart?"
            )
        for column in self.columns:
            if column.type not in get_args(Kind) or column.role not in get_args(Role):
                raise TableError(
                    f"table {self.name}, column {column.name}: type {column.type!r} and role"
                    f" {column.role!r}; expected one of {', '.join(get_args(Kind))} and one of"
                    f" {', '.join(get_args(Role))}"
                )
            self._check_of(column)
        for old, new in self.was.items():
            if old in names or new not in names:
                raise TableError(
                    f"table {self.name}: was {old!r} now {new!r}: expected an old name that is no"
                    " column any more, and a present one"
                )

    def _check_of(self, column: Column) -> None:
        if not column.of:
            return
        owner = next((each for each in self.columns if each.name == column.of), None)
        if column.role not in _OF or owner is None or owner.role not in _OF[column.role]:
            raise TableError(
                f"table {self.name}, column {column.name}: of {column.of!r}, but only an error or a"
                " bound belongs to another column, and that to an estimate (a bound also to an error)"
            )

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns, in order."""
        return tuple(column.name for column in self.columns)

    @property
    def kinds(self) -> dict[str, str]:
        """Type in pandas by column."""
        return {column.name: column.type for column in self.columns}

    @property
    def comments(self) -> dict[str, str]:
        """Meaning and unit by column."""
        return {column.name: column.comment for column in self.columns}

    @property
    def keys(self) -> tuple[str, ...]:
        """Columns that tell the rows apart."""
        return tuple(column.name for column in self.columns if column.role == "key")

    def of_role(self, *roles: Role) -> tuple[Column, ...]:
        """Columns with one of the roles, in order."""
        return tuple(column for column in self.columns if column.role in roles)

    def estimate_of(self, column: Column) -> Column | None:
        """The estimate that an error or bound belongs to: the one named, else the table's only one."""
        estimates = self.of_role("estimate")
        if column.of:
            return next((each for each in estimates if each.name == column.of), None)
        return estimates[0] if len(estimates) == 1 else None

    def frame(self, rows: Iterable[Mapping[str, Any]] = ()) -> pd.DataFrame:
        """Rows as a frame with all columns in order, typed also where there is none.

        A column that a row doesn't name is null in it. Raises TableError for one that isn't declared.
        """
        listed = list(rows)
        self._refuse_unknown(dict.fromkeys(name for row in listed for name in row))
        return pd.DataFrame(listed, columns=list(self.names)).astype(self.kinds)

    def joined(self, parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
        """Frames one below the other, with all columns in order and typed.

        Raises TableError for a column that isn't declared.
        """
        for part in parts:
            self._refuse_unknown(map(str, part.columns))
        if not parts:
            return self.frame()
        typed = [self._typed(part) for part in parts]
        return (
            typed[0].reset_index(drop=True)
            if len(typed) == 1
            else pd.concat(typed, ignore_index=True)
        )

    def _typed(self, part: pd.DataFrame) -> pd.DataFrame:
        """A frame in the declared columns and types; as it is where it has them."""
        if list(part.columns) != list(self.names):
            part = part.reindex(columns=list(self.names))
        has = dict(zip(part.columns, map(str, part.dtypes), strict=True))
        others = {name: kind for name, kind in self.kinds.items() if has[name] != kind}
        return part.astype(others) if others else part

    def of_older(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Rows of an older vintage under the present names and types.

        A column that is no longer declared stays, behind the others and as it was; one that wasn't
        there yet is null.
        """
        renamed = rows.rename(
            columns={
                old: new
                for old, new in self.was.items()
                if old in rows.columns and new not in rows.columns
            }
        )
        others = [name for name in renamed.columns if name not in self.names]
        return renamed.reindex(columns=[*self.names, *others]).astype(self.kinds)

    def with_columns(self, *before: Column) -> "Table":
        """The table with further columns in front; they are no keys unless their role says so."""
        return Table(self.name, self.grain, (*before, *self.columns), self.was)

    def _refuse_unknown(self, names: Iterable[str]) -> None:
        unknown = [name for name in names if name not in self.names]
        if unknown:
            raise TableError(
                f"table {self.name}: no column {', '.join(map(repr, unknown))} is declared; it has"
                f" {', '.join(self.names)}"
            )


def by_name(*tables: Table) -> dict[str, Table]:
    """Tables by name; raises TableError where two share one."""
    found: dict[str, Table] = {}
    for table in tables:
        if table.name in found:
            raise TableError(f"table {table.name} is declared twice")
        found[table.name] = table
    return found


__all__ = ["WELL", "Column", "Kind", "Role", "Table", "TableError", "by_name"]
