"""Bounds for an incomplete roster in the report: one table.

Belongs here: what is shown of them. Does not belong here: estimation.
"""

from pathlib import Path
from typing import Final

from analysis.report.data import dated
from analysis.report.section import Context, Frame, Section, Values
from analysis.report.table.model import ESTIMATED
from analysis.typeset.texts import N_

METHOD: Final = "roster_bounds"
BOUNDS: Final = Frame(
    "roster_bound",
    ("study", "design", "column_id", "title", "n_entries_missing", "n_left_out", "estimate", "std_error",
     "ci_low", "ci_high"),
    rows="one per column of bounds that was estimated, in their order",
)  # fmt: skip
STATUS: Final = Frame(
    "design_status",
    ("study", "method", "design", "title", "status", "detail"),
    rows="one per design of every method: estimated, or why not",
)


def _build(context: Context) -> Values:
    study = str(context.study["study"])
    bounds, status = context["roster_bound"], context["design_status"]
    bounds = bounds[bounds["study"].astype(str) == study]
    items = [
        {"about": rows[0], "rows": rows}
        for rows in (
            dated(bounds[bounds["design"] == design])
            for design in dict.fromkeys(map(str, bounds["design"]))
        )
    ]
    skipped = status[
        (status["study"].astype(str) == study)
        & (status["method"] == METHOD)
        & (status["status"] != ESTIMATED)
    ]
    return {"items": items, "skipped": dated(skipped)} if items or len(skipped) else {}


SECTION: Final = Section(
    id=METHOD,
    title=N_("Bounds for an incomplete roster"),
    frames=(BOUNDS, STATUS),
    build=_build,
    template=Path(__file__).with_name("section.html.j2"),
    words={
        "as_listed": N_("As the roster is"),
        "sure": N_("Without untreated cities of provinces that a short batch lists nobody of"),
        "listed": N_("Cities of the roster alone"),
        "lowest": N_("Without the cities whose absence lowers it most"),
        "highest": N_("Without the cities whose absence raises it most"),
    },
    explained=Path(__file__).with_name("explained.html.j2"),
)
