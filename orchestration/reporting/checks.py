"""What the gates found, kept in the warehouse: a release says itself which rules it passed.

Belongs here: reading the results of the gates, and storing them. Does not belong here: the rules and
their results (`expectations`), how they are shown (`analysis.report`).
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from orchestration.engine.protocol import Warehouse

SCHEMA, TABLE = "release", "check_result"

COLUMNS = {
    "gate": "Gate that ran the rule",
    "rule_id": "Rule, as in the Data Docs",
    "severity": "critical: a failure stops what is downstream; warn: it shows",
    "success": "Whether no row broke it",
    "applicable": "Whether there was anything to look at",
    "observed": "What was found",
    "expected": "What was expected",
    "reason": "What the rule is for",
    "of_study": "Whether a failure is of a study alone, and no reason to hold the release back",
}
"""Columns of the table, with their meaning, in order."""

FLAGS = ("success", "applicable", "of_study")


def check_frame(results: Path) -> pd.DataFrame:
    """Rules of all gates that have run, in their order."""
    from expectations.data_docs import read_summaries

    rows = [
        {"gate": summary["gate"], **{name: rule.get(name) for name in COLUMNS if name != "gate"}}
        for summary in read_summaries(results)
        for rule in summary["rules"]
    ]
    return pd.DataFrame(rows, columns=[*COLUMNS])


def store_checks(warehouse: Warehouse, checks: pd.DataFrame) -> None:
    """Write the rules into the warehouse, in their order."""
    kinds = {name: "boolean" if name in FLAGS else "string" for name in COLUMNS}
    warehouse.write(SCHEMA, TABLE, checks.astype(kinds), COLUMNS)
