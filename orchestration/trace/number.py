"""What a number of a release is to a trace: its key, its value, and the steps that made it.

Belongs here: the three records and the reading of rows. Does not belong here: any kind of number.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace

from orchestration.engine.protocol import Warehouse


@dataclass(frozen=True)
class Key:
    """One number of a release: whose, of when, and which.

    `kind` decides what `name` and `part` are:

    | kind | name | part |
    |---|---|---|
    | figure | indicator | scope |
    | printed | indicator, of one place before places were added | scope |
    | deflator | base year | |
    | index, dimension | index | dimension of it, none for the whole |
    | efficiency, productivity, cumulated | model | variant |
    | policy | policy | |
    | did | policy | coverage/timing of the rule |
    | attribute | column of marts.city_year | |
    """

    city_code: str
    year: int
    kind: str
    name: str
    part: str = ""

    @property
    def title(self) -> str:
        """The number in words, without city and year."""
        match self.kind:
            case "index":
                return f"index {self.name}"
            case "dimension":
                return f"index {self.name}, dimension {self.part}"
            case "efficiency":
                return f"efficiency_{self.name}_{self.part}"
            case "productivity" | "cumulated":
                # The plain name is that of the index between adjacent years, as in the panel.
                suffix = "_cumulated" if self.kind == "cumulated" else ""
                return f"productivity_{self.name}{self.part.removeprefix('malmquist')}{suffix}"
            case "policy" | "did":
                return ", ".join(filter(None, (f"policy {self.name}", self.part)))
        return ", ".join(filter(None, (self.name, self.part)))


@dataclass(frozen=True)
class Part:
    """A number that another was made of, and its part in it."""

    label: str
    key: Key


@dataclass(frozen=True)
class Made:
    """A value, in words too, and how it was made: remarks and parts in the order to read them.

    Without a value `told` says why.
    """

    value: float | int | str | bool | None
    told: str
    steps: tuple[str | Part, ...] = ()

    @property
    def line(self) -> str:
        """The value as a line of its own."""
        return self.told if self.value is None else f"= {self.told}"


def rows(connection: Warehouse, query: str, *parameters: object) -> list[SimpleNamespace]:
    """The rows of a query, columns by name."""
    return connection.records(query, *parameters)


def row(connection: Warehouse, query: str, *parameters: object) -> SimpleNamespace | None:
    """The first row of a query, or None."""
    return next(iter(rows(connection, query, *parameters)), None)
