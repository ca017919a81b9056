"""How the numbers are made: what each method says of itself, then what belongs to none.

Belongs here: their order, and notes that rest on a frame. Does not belong here: the explanation of a
method (in its room, or beside the section that shows it).
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from analysis.report.data import records
from analysis.report.section import Context, Frame, Section, Values
from analysis.typeset.texts import N_

SECOND_OPINION: Final = Frame(
    "second_opinion",
    ("library", "terms", "columns", "difference"),
    rows="one per library that estimated again: coefficients, their columns, and the largest "
    "difference in standard errors",
)


def methods(explained: Sequence[Section]) -> Section:
    """The section, with what each of the given sections says of its method, in their order."""
    files = [str(s.explained) for s in explained if s.explained is not None]

    def build(context: Context) -> Values:
        checked: list[dict[str, Any]] = records(context["second_opinion"])
        return {
            "explanations": files,
            "second_opinion": [r | {"difference": f"{r['difference']:.0e}"} for r in checked],
        }

    return Section(
        id="methods",
        title=N_("Methods"),
        frames=(SECOND_OPINION,),
        build=build,
        template=Path(__file__).with_name("methods.html.j2"),
    )
