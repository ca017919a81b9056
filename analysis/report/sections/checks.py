"""The checks of all gates, and the rows of every released table.

Belongs here: counts of results by gate. Does not belong here: the rules (`expectations`, dbt).
"""

from pathlib import Path
from typing import Any, Final

import pandas as pd

from analysis.report.data import dated
from analysis.report.section import Context, Frame, Section, Values
from analysis.typeset.texts import N_

CHECKS: Final = Frame(
    "checks",
    ("gate", "rule_id", "severity", "success", "applicable", "observed", "expected"),
    ("reason",),
    rows="one per rule: severity 'critical' or 'warn'; not applicable: nothing to look at; observed "
    "and expected as text; reason: what the rule is for",
)
ROW_COUNTS: Final = Frame("row_counts", ("mart", "rows"), rows="one per released table")


def _build(context: Context) -> Values:
    checks = context["checks"]
    return {
        "gates": gates(checks),
        "checks": dated(checks),
        "row_counts": dated(context["row_counts"]),
    }


def gates(checks: pd.DataFrame) -> list[dict[str, Any]]:
    """Counts by gate."""
    rows = []
    for gate in dict.fromkeys(checks["gate"]):
        mine = checks[checks["gate"] == gate]
        applicable = mine["applicable"].astype(bool)
        success = mine["success"].astype(bool)
        critical = mine["severity"] == "critical"
        rows.append(
            {
                "gate": gate, "rules": len(mine), "passed": int((applicable & success).sum()),
                "warned": int((applicable & ~success & ~critical).sum()),
                "failed": int((applicable & ~success & critical).sum()),
                "idle": int((~applicable).sum()),
            }
        )  # fmt: skip
    return rows


SECTION: Final = Section(
    id="checks",
    title=N_("Checks and row counts"),
    frames=(CHECKS, ROW_COUNTS),
    build=_build,
    template=Path(__file__).with_name("checks.html.j2"),
    words={
        "critical": N_("critical"), "warn": N_("warn"),
        "observations": N_("observations"), "indicators": N_("indicators"),
        "indices": N_("indices"), "panel": N_("panel"), "estimates": N_("estimates"),
    },
)  # fmt: skip
