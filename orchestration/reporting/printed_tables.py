"""A release's own tables as they are printed, for the auditor: the numbers that the report rounds.

Belongs here: which released column is which printed one. Does not belong here: rules
(`analysis.audit`), how numbers are rounded (`analysis.typeset`).
"""

from __future__ import annotations

from typing import Any, cast

import pandas as pd

from analysis.audit import Cell, PrintedColumn, PrintedTables, PrintedTest, PrintedWeight
from analysis.audit.printed import Printed
from analysis.audit.tables import ENTITY, TIME
from analysis.regression.significance import STAR_LEVELS
from analysis.typeset.numbers import aligned, fixed
from orchestration.engine.protocol import Warehouse
from orchestration.reporting.frames import frame_of

EFFECTS = {"city": ENTITY, "year": TIME}
STATISTICS = {"r2": "r2", "f_statistic": "f"}
COUNTS = {
    "n_obs": "n",
    "n_units": "cities",
    "n_periods": "years",
    "n_clusters": "clusters",
    "ungrouped": "ungrouped",
}
OWN_OUTCOME = frozenset({"robustness", "matching"})
"""Methods whose columns read or weigh the outcome each in a way of its own: R2 isn't compared."""
LEAST_STARRED = max(level for level, _ in STAR_LEVELS)


def printed_tables(warehouse: Warehouse) -> list[PrintedTables]:
    """Tables of the estimates by study, and the weights of indices, of a release, as printed."""
    cells = frame_of(warehouse, "printed")
    tests = frame_of(warehouse, "threshold_test").dropna(subset=["p_value", "draws"])
    weights = frame_of(warehouse, "index_weight").dropna(subset="weight").to_dict("records")
    of_indices = PrintedTables(
        weights=tuple(
            PrintedWeight(row["index_id"], row["indicator_code"], _exact(fixed(row["weight"])))
            for row in weights
        )
    )
    return [
        *(
            _study(str(study), own, tests[tests["study"].astype(str) == study])
            for study, own in cells.groupby("study", sort=False)
        ),
        of_indices,
    ]


def _study(study: str, cells: pd.DataFrame, tests: pd.DataFrame) -> PrintedTables:
    columns = cells.groupby(["design", "column_id"], sort=False)
    return PrintedTables(
        columns=tuple(
            _column(study, str(design), str(column), own) for (design, column), own in columns
        ),
        tests=tuple(
            PrintedTest(
                f"{study}.{row['design']}, {row['n_thresholds']} thresholds",
                _exact(fixed(row["p_value"], 4)),
                int(row["draws"]),
            )
            for row in tests.to_dict("records")
        ),
    )


def _column(study: str, design: str, column: str, rows: pd.DataFrame) -> PrintedColumn:
    first = rows.iloc[0]
    numbers = {name: _printed(first[own]) for own, name in STATISTICS.items()}
    counts = {
        name: Printed(float(first[own]), 0.0, str(int(first[own])))
        for own, name in COUNTS.items()
        if pd.notna(first[own])
    }
    return PrintedColumn(
        f"{study}.{design}",
        column,
        str(first["column_label"]),
        tuple(_cell(row) for row in rows.to_dict("records")),
        {name: number for name, number in numbers.items() if number is not None} | counts,
        outcome=f"{first['outcome']} {column if first['method'] in OWN_OUTCOME else ''}",
        effects=frozenset(
            EFFECTS.get(name, name) for name in str(first["effects"] or "").split("+") if name
        ),
        split=None if pd.isna(first["split_id"]) else str(first["split_id"]),
    )


def _cell(row: dict[Any, Any]) -> Cell:
    """A coefficient; where stars are withheld, and the column's detail says why, none are looked for."""
    stars = str(row["stars"]) if pd.notna(row["stars"]) else ""
    withheld = not stars and pd.notna(row["detail"]) and row["p_value"] < LEAST_STARRED
    return Cell(
        str(row["term"]),
        cast(Printed, _printed(row["estimate"])),
        std_error=_printed(row["std_error"]),
        t_value=_printed(row["statistic"]),
        p_value=_printed(row["p_value"]),
        ci_low=_printed(row["ci_low"]),
        ci_high=_printed(row["ci_high"]),
        stars=None if withheld else len(stars),
    )


def _printed(value: Any) -> Printed | None:
    number = aligned(value)
    return None if number is None else _exact(number.text)


def _exact(text: str) -> Printed:
    number = Printed.read(text)
    if number is None:
        raise ValueError(f"the report prints {text!r}, which the auditor can't read as a number")
    return number
