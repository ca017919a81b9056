"""An inbox landed, staged and placed in a warehouse of its own by the project's own steps.

Here: the steps and how their result is read. Not here: pages (`layouts_pages`) and what must come out.
"""

import os
from dataclasses import dataclass
from pathlib import Path

import duckdb

from orchestration.engine.warehouse import open_warehouse
from orchestration.landing.inbox import list_files, read_declarations
from orchestration.landing.store import land, load_raw
from orchestration.refresh.dbt_runner import run_dbt

SEEDS = (
    "aggregate_name",
    "city",
    "city_alias",
    "city_event",
    "city_status",
    "computed_word",
    "heading",
    "indicator",
    "indicator_part",
    "measure",
    "measure_word",
    "missing_mark",
    "page_part",
    "part_mark",
    "period_word",
    "province",
    "scope_label",
    "scope_word",
    "source_rule",
    "unit",
    "unit_note",
    "year_word",
)
MODELS = ("tag:stage_observations", "+cell_account", "int_city_year__observation")

FIGURES = """(
    select observation.*, place.city_code, statistic_year as year, value_in_unit as figure
    from staging.stg_yearbook__observation as observation
    inner join intermediate.int_place__row as place
        using (file_key, sheet_index, row_number, statistic_year)
    left join intermediate.int_city_year__contradicted as contradicted
        using (file_key, sheet_index, row_number, column_number)
    where place.reason is null and coalesce(contradicted.reason, '') <> 'city_twice_in_sheet'
)"""
"""Figures as each page alone gives them. The pages of a test are made one by one, all as of one edition,
and contradict each other; that has tests of its own."""


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
    declarations = read_declarations(inbox)
    landed = land(list_files(inbox), state / "cells", declarations)
    with open_warehouse(warehouse) as connection:
        load_raw(connection, landed, declarations)
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
