"""The tables as they are printed: columns with cells and statistics, weights, tests.

Belongs here: the shape that rules look at. Does not belong here: reading it, judging it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import groupby

from analysis.audit.printed import Interval, Printed

CONSTANT = frozenset({"constant", "const", "_cons", "intercept", "(intercept)", "cons", "常数项"})

ENTITY, TIME = "entity", "time"
"""Kinds of absorbed effects that `effects` names."""


@dataclass(frozen=True)
class Cell:
    """A coefficient with what is printed about it; None where it isn't.

    `stars` are None where a note of the table says that they are withheld.
    """

    term: str
    estimate: Printed
    std_error: Printed | None = None
    t_value: Printed | None = None
    p_value: Printed | None = None
    ci_low: Printed | None = None
    ci_high: Printed | None = None
    stars: int | None = 0

    @property
    def t_interval(self) -> Interval | None:
        """Where t lies: as printed, else coefficient over error; None where neither can be had."""
        if self.t_value is not None:
            return self.t_value.interval
        if self.std_error is not None and self.std_error.value > 0:
            return self.estimate.interval.over(self.std_error.interval)
        return None


@dataclass(frozen=True)
class PrintedColumn:
    """A column of a table.

    `statistics` holds printed numbers by name (n, r2, f, clusters, cities, years), `effects` the absorbed
    effects (None where the table doesn't say), `split` the division whose group it is, `model` a name that
    the same model carries wherever it is printed.
    """

    table: str
    column: str
    label: str
    cells: tuple[Cell, ...] = ()
    statistics: Mapping[str, Printed] = field(default_factory=dict)
    outcome: str | None = None
    effects: frozenset[str] | None = None
    split: str | None = None
    model: str | None = None

    @property
    def name(self) -> str:
        """Table and column, as findings call it."""
        return f"table {self.table}, column {self.column}"

    def at(self, what: str) -> str:
        """Name of a cell."""
        return f"{self.name}, {what}"

    @property
    def regressors(self) -> tuple[Cell, ...]:
        """Cells but the constant's."""
        return tuple(cell for cell in self.cells if cell.term.lower() not in CONSTANT)

    def number(self, statistic: str) -> Printed | None:
        """A statistic, or None."""
        return self.statistics.get(statistic)


@dataclass(frozen=True)
class PrintedWeight:
    """A weight of an index."""

    index: str
    component: str
    weight: Printed


@dataclass(frozen=True)
class PrintedTest:
    """A test whose p value was drawn."""

    name: str
    p_value: Printed
    draws: int


@dataclass(frozen=True)
class PrintedTables:
    """All that is audited together."""

    columns: tuple[PrintedColumn, ...] = ()
    weights: tuple[PrintedWeight, ...] = ()
    tests: tuple[PrintedTest, ...] = ()

    def by_table(self) -> list[tuple[str, list[PrintedColumn]]]:
        """Columns of each table, in the order of the input."""
        order = {column.table: i for i, column in reversed(list(enumerate(self.columns)))}
        ranked = sorted(self.columns, key=lambda column: order[column.table])
        return [
            (table, list(own)) for table, own in groupby(ranked, key=lambda column: column.table)
        ]
