"""Counts of the input and of what became of it, in one table.

Belongs here: which parts of a measure are named. Does not belong here: the counts (a mart).
"""

from pathlib import Path
from typing import Final

from analysis.report.data import dated
from analysis.report.section import Context, Frame, Section, Values
from analysis.typeset import numbers
from analysis.typeset.texts import N_, ngettext
from analysis.typeset.words import spaced

HEALTH: Final = Frame(
    "input_health",
    ("measure", "detail", "value", "total"),
    rows="measures in their order; detail is 'all' for the whole measure, total its count",
)
SHOWN_DETAILS: Final = 6
"""Parts of a measure of the input that are named; the rest is counted."""

MEASURES: Final = {
    "files": N_("Files in the inbox"),
    "files_refused": N_("Files refused as a whole"),
    "cells": N_("Cells read"),
    "figures_resolved": N_("Figures with a city, year and indicator"),
    "figures_quarantined": N_("Figures in quarantine"),
    "values_released": N_("Values released"),
    "values_interpolated": N_("Values interpolated"),
    "values_corrected": N_("Values corrected"),
    "figures_revised": N_("Figures that their own source revised"),
    "source_disagreements": N_("Figures on which two sources disagree"),
}


def _build(context: Context) -> Values:
    """Each measure of the input with its largest parts."""
    rows = []
    for name, group in context["input_health"].groupby("measure", sort=False):
        details = group[group["detail"] != "all"].sort_values(
            ["value", "detail"], ascending=[False, True]
        )
        named = [
            f"{spaced(r['detail'])} {numbers.count(r['value'])}"
            for r in dated(details.head(SHOWN_DETAILS))
        ]
        more = len(details) - SHOWN_DETAILS
        if more > 0:
            named.append(ngettext("{n} more", "{n} more", more).format(n=more))
        rows.append(
            {
                "measure": str(name),
                "value": int(group["total"].iloc[0]),
                "details": ", ".join(named),
            }
        )
    return {"rows": rows}


SECTION: Final = Section(
    id="health",
    title=N_("Health in one table"),
    frames=(HEALTH,),
    build=_build,
    template=Path(__file__).with_name("health.html.j2"),
    words=MEASURES,
)
