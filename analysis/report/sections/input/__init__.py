"""The section on the input and its health; each module below it is one part of it.

Belongs here: their order. Does not belong here: any of them.
"""

from pathlib import Path
from typing import Final

from analysis.report.section import Context, Section, Values
from analysis.report.sections.input import (
    cells,
    cities,
    disagreement,
    files,
    health,
    imputed,
    quarantine,
    roster,
    warned,
)
from analysis.typeset.texts import N_, _

INSIDE: Final = tuple(
    part.SECTION
    for part in (health, warned, files, cells, quarantine, imputed, disagreement, cities, roster)
)


def _build(context: Context) -> Values:
    return {
        "pieces": [context.piece(section) for section in INSIDE],
        "parts": [(section.id, _(section.title)) for section in INSIDE],
    }


SECTION: Final = Section(
    id="input",
    title=N_("Input and its health"),
    frames=(),
    build=_build,
    template=Path(__file__).with_name("input.html.j2"),
    within=INSIDE,
)
