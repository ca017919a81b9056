"""An inbox landed, staged and placed in a warehouse of its own by the project's own steps.

Here: the steps and how their result is read. Not here: pages (`layouts_pages`) and what must come out.
"""

import os
from dataclasses import dataclass
from pathlib import Path

import duckdb

from orchestration.dbt_runner import run_dbt
from orchestration.inbox import list_files, read_declarations
from orchestration.landing import land, load_raw
from orchestration.warehouse import open_warehouse

SEEDS = (
    "aggregate_name",
    "city",
    "city_alias",
    "city_event",
    "city_status",
    "heading",
    "indicator",
    "missing_mark",
    "province",
    "scope_label",
    "source_rule",
    "unit",
)
MODELS = ("tag:stage_observations", "+cell_account", "int_city_year__observation")


@dataclass(frozen=True)
class Resolved:
    """A warehouse in which the pages of an inbox are resolved."""

    warehouse: Path

    def rows(self, query: str, *parameters: object) -> list[tuple]:
        """The rows of a query."""
        with duckdb.connect(str(self.warehouse), read_only=True) as connection:
            return connection.execute(query, list(parameters)).fetchall()


def resolve_inbox(inbox: Path, state: Path, warehouse: Path) -> Resolved:
    """Resolve an inbox; `state` keeps cells and the parse of the project."""
    landed = land(list_files(inbox), state / "cells")
    with open_warehouse(warehouse) as connection:
        load_raw(connection, landed, read_declarations(inbox))
    before = dict(os.environ)
    try:
        run_dbt(
            [
                "build",
                "--select",
                *SEEDS,
                *MODELS,
                "--exclude-resource-type",
                "test",
                "--exclude-resource-type",
                "unit_test",
            ],
            warehouse=warehouse,
            state=state,
            fingerprint="0123456789abcdef",
        )
    finally:
        os.environ.clear()
        os.environ.update(before)
    return Resolved(warehouse)
