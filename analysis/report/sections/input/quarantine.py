"""Cells that were set aside, by reason, with an example each.

Belongs here: their order. Does not belong here: why a cell is set aside (dbt); reasons in words are
in `typeset.words`.
"""

from pathlib import Path
from typing import Final

from analysis.report.data import dated
from analysis.report.section import Context, Frame, Section, Values
from analysis.typeset.texts import N_

QUARANTINE: Final = Frame(
    "quarantine",
    ("reason", "cells", "example_file", "example_sheet", "example_cell", "example_text"),
    rows="one per reason; example_cell as in 'D17', example_text as printed",
)


def _build(context: Context) -> Values:
    frame = context["quarantine"]
    some = frame.sort_values("cells", ascending=False, kind="stable") if len(frame) else frame
    return {"rows": dated(some)}


SECTION: Final = Section(
    id="quarantine",
    title=N_("Quarantine"),
    frames=(QUARANTINE,),
    build=_build,
    template=Path(__file__).with_name("quarantine.html.j2"),
)
