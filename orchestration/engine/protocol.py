"""What a warehouse can do, whatever database is behind it.

Belongs here: the few verbs by which all rooms ask and write. Does not belong here: a database
(`duck`), queries (beside what they are about).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Protocol

from orchestration.errors import CitypanelError

if TYPE_CHECKING:
    import pandas as pd

PUBLIC_SCHEMAS = ("marts", "estimates")

Descriptions = Mapping[str, tuple[str, Mapping[str, str]]]
"""What tables and their columns mean, by `schema.table`."""


class WarehouseError(CitypanelError):
    """A warehouse can't be opened or asked; the message says which and what to do."""


class UnknownName(WarehouseError):
    """A query names a table or column that the warehouse doesn't have; in the words of the database."""


class Warehouse(Protocol):
    """An open warehouse. Parameters of a query are its `?` in order, or `$1`, `$2`."""

    def run(self, statement: str, *parameters: object) -> None:
        """Execute a statement that answers nothing."""

    def rows(self, query: str, *parameters: object) -> list[tuple[Any, ...]]:
        """The rows of a query."""

    def row(self, query: str, *parameters: object) -> tuple[Any, ...] | None:
        """Its first row; None without one."""

    def records(self, query: str, *parameters: object) -> list[SimpleNamespace]:
        """Its rows, columns by name."""

    def frame(self, query: str, *parameters: object) -> pd.DataFrame:
        """Its rows as a frame."""

    def frame_named(self, query: str, values: Mapping[str, object]) -> pd.DataFrame:
        """Its rows as a frame; parameters are `$name`."""

    def tables(self, schemas: tuple[str, ...] = PUBLIC_SCHEMAS) -> list[tuple[str, str]]:
        """Schema and name of the tables of some schemas, sorted; views hold nothing and are left out."""

    def row_counts(self, schemas: tuple[str, ...] = PUBLIC_SCHEMAS) -> dict[str, int]:
        """Rows of every such table, keyed `schema.table`."""

    def create(self, schema: str, name: str, columns: Sequence[tuple[str, str]]) -> None:
        """Make an empty table of (name, type), and its schema where there is none."""

    def append(self, schema: str, name: str, rows: Sequence[tuple[Any, ...]]) -> None:
        """Put many rows at the end of a table, in the order of its columns."""

    def load_cells(
        self,
        table: str,
        files: Sequence[Path],
        cells: int,
        again: Sequence[tuple[str, Path]] = (),
    ) -> None:
        """Take stored cells into a table; `cells` of all files, to say how far it is.

        `again` are files to be taken once more, each under another key.
        """

    def write(
        self, schema: str, name: str, rows: pd.DataFrame, comments: Mapping[str, str]
    ) -> None:
        """Make a table of a frame, in the order of its rows, with a comment on every column."""

    def describe(self, descriptions: Descriptions, data_kind: str) -> None:
        """Keep what public tables and columns mean, and the kind of their data, in the file."""

    def beside(self, released: Path) -> AbstractContextManager[bool]:
        """For the block, the release in place can be asked under the name `last_release`; whether it is.

        It is not when there is none, and when its data are of another kind: simulated and published
        figures have nothing to say to each other.
        """

    def copy_table(self, schema: str, name: str, target: Path, metadata: Mapping[str, str]) -> None:
        """Write a table as Parquet, rows in the order of all columns."""

    def copy_out(self, target: Path, leave_out: Sequence[str]) -> None:
        """Copy table by table into a new, compact file; those to leave out (`schema.table`) are dropped."""
