"""Printed coefficients beside estimated ones: how many agree by printed table, then each of them.

Belongs here: what is shown of the comparison. Does not belong here: the comparison itself
(`analysis.published`), regression tables side by side (`analysis.report.table`).
"""

from pathlib import Path
from typing import Any, Final

import pandas as pd

from analysis.report.data import dated
from analysis.report.section import Context, Frame, Section, Values
from analysis.report.table.build import ESTIMATES, term_labels

COMPARISON: Final = Frame(
    "published_comparison",
    ("study", "paper_id", "table_no", "column_no", "term", "published_label", "status", "detail",
     "method", "design", "column_id", "estimate", "std_error", "stars", "published_estimate",
     "published_std_error", "published_statistic", "published_stars", "difference_in_errors",
     "same_sign", "same_significance", "same_size"),
    rows="one per study and printed coefficient of the paper that it stands against",
)  # fmt: skip
MEASURES: Final = ("same_sign", "same_significance", "same_size")
ALL, POLICY = "all", "policy"
"""Names of the lines that count all tables together, and coefficients of the policy in them."""


def _build(context: Context) -> Values:
    frame = context["published_comparison"]
    mine = frame[frame["study"] == context.study["study"]]
    if mine.empty:
        return {}
    lines = [_counted(table, rows) for table, rows in mine.groupby("table_no", sort=False)]
    without = mine[mine["status"] != "estimated"]
    estimates = context["estimates"]
    labels = term_labels(estimates[estimates["study"] == context.study["study"]], mine)
    return {
        "study": context.study,
        "rows": [{**row, "term_label": labels[str(row["term"])]} for row in dated(mine)],
        "lines": [
            *lines,
            _counted(ALL, mine),
            _counted(POLICY, mine[mine["term"] == context.study["effect_term"]]),
        ],
        "without": [
            {
                "table_no": table,
                "terms": [f"{labels[str(r['term'])]} ({r['column_no']})" for r in dated(rows)],
                "detail": detail,
            }
            for (table, detail), rows in without.groupby(["table_no", "detail"], sort=False)
        ],
    }


def _counted(table: Any, rows: pd.DataFrame) -> dict[str, Any]:
    """How many coefficients of a printed table have a counterpart, and how many agree of those compared."""
    counted: dict[str, Any] = {
        "table_no": table,
        "n": len(rows),
        "n_estimated": int((rows["status"] == "estimated").sum()),
    }
    for measure in MEASURES:
        known = rows[measure].dropna().astype(bool)
        counted[measure] = int(known.sum())
        counted[f"n_{measure}"] = len(known)
    return counted


SECTION: Final = Section(
    id="comparison",
    title="",
    frames=(COMPARISON, ESTIMATES),
    build=_build,
    template=Path(__file__).with_name("comparison.html.j2"),
)
