"""What became of each cell, and whether the accounts of the input agree with each other.

Belongs here: classes of cells in words, and accounts held against each other. Does not belong here:
how a cell is classed (dbt).
"""

from pathlib import Path
from typing import Any, Final

import pandas as pd

from analysis.report.data import dated
from analysis.report.section import Context, Frame, Section, Values
from analysis.report.sections.input.files import FILES
from analysis.report.sections.input.health import HEALTH
from analysis.report.sections.input.imputed import IMPUTED
from analysis.report.sections.input.quarantine import QUARANTINE
from analysis.typeset.numbers import count
from analysis.typeset.texts import N_, _

ACCOUNT: Final = Frame(
    "cell_account",
    ("class", "cells"),
    rows="cells by what became of them; the classes are disjoint and add up to the cells read",
)
FRAMES: Final = (ACCOUNT, FILES, HEALTH, IMPUTED, QUARANTINE)
"""What the account of cells is made and checked with."""

LABELS: Final = {
    "heading": N_("Headings"),
    "key": N_("Keys"),
    "value_resolved": N_("Values, resolved"),
    "value_quarantined": N_("Values, quarantined"),
    "value_missing": N_("Values, printed as missing"),
    "missing": N_("Values, printed as missing"),
    "missing_mark": N_("Values, printed as missing"),
    "aggregate": N_("Aggregates"),
    "note": N_("Notes"),
    "title": N_("Titles"),
    "label_or_note": N_("Labels and notes"),
    "declared_unused": N_("Columns declared unused"),
    "sheet_declared_unused": N_("Sheets declared unused"),
    "no_table": N_("No table found"),
    "ignored": N_("Ignored"),
}
MEANINGS: Final = {
    "heading": N_("say what a column or row holds"),
    "key": N_("name a city, a year or a code"),
    "value_resolved": N_("became an observation"),
    "value_quarantined": N_("set aside with a reason, not lost"),
    "value_missing": N_("blank or a missing mark"),
    "missing": N_("blank or a missing mark"),
    "missing_mark": N_("a mark for no figure"),
    "aggregate": N_("figures of provinces or the nation"),
    "note": N_("titles, footnotes, sources"),
    "title": N_("above the first heading"),
    "label_or_note": N_("provinces, continuation lines, footnotes, sources"),
    "declared_unused": N_("by the mapping, with its reason"),
    "sheet_declared_unused": N_("by a source rule, with its reason"),
    "no_table": N_("a sheet without a column of cities"),
    "ignored": N_("by a declared rule"),
}


def _build(context: Context) -> Values:
    return account(context)


def account(context: Context) -> dict[str, Any]:
    """Cells by class, and whether the accounts agree with each other."""
    total = total_of(context["cell_account"], "cells") or 0
    rows = []
    for r in dated(context["cell_account"]):
        name = str(r["class"])
        rows.append(
            {
                "class": name,
                "label": _(LABELS.get(name, name.replace("_", " ").capitalize())),
                "meaning": _(MEANINGS.get(name, "")),
                "cells": r["cells"],
                "share": r["cells"] / total if total else None,
            }
        )
    return {"rows": rows, "total": total, "problems": _problems(context, total)}


def _problems(context: Context, total: int) -> list[str]:
    problems = []
    read = total_of(context["input_files"], "cells_read")
    if read is not None and len(context["cell_account"]) and read != total:
        said = (
            _("The files hold {read} cells, the account explains {total}: {n} are unaccounted for.")
            if read > total
            else _("The files hold {read} cells, the account explains {total}: {n} too many.")
        )
        problems.append(
            said.format(read=count(read), total=count(total), n=count(abs(read - total)))
        )
    quarantined = cells_of(context["cell_account"], "value_quarantined")
    reasons = total_of(context["quarantine"], "cells")
    if len(context["cell_account"]) and (quarantined or 0) != (reasons or 0):
        problems.append(
            _("The account has {n} quarantined values, the reasons add up to {total}.").format(
                n=count(quarantined), total=count(reasons or 0)
            )
        )
    health = context["input_health"]
    health = health[health["measure"] == "values_released"]
    released = total_of(context["imputed"], "values")
    if len(health) and released is not None and int(health["total"].iloc[0]) != released:
        problems.append(
            _(
                "The health of the input has {n} values released, the indicators add up to {total}."
            ).format(n=count(health["total"].iloc[0]), total=count(released))
        )
    return problems


def total_of(frame: pd.DataFrame, column: str) -> int | None:
    """Sum of counts; None for a frame without rows."""
    return int(frame[column].fillna(0).sum()) if len(frame) else None


def cells_of(cell_account: pd.DataFrame, name: str) -> int | None:
    """Cells of a class; None without an account."""
    if cell_account.empty:
        return None
    return int(cell_account[cell_account["class"] == name]["cells"].sum())


SECTION: Final = Section(
    id="cells",
    title=N_("What became of each cell"),
    frames=FRAMES,
    build=_build,
    template=Path(__file__).with_name("cells.html.j2"),
)
