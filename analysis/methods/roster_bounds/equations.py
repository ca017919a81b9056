"""The equation of bounds for an incomplete roster, and the columns that leave cities out of it.

Belongs here: which cities each column leaves out, in words and as filters. Does not belong here: the
keys (`spec`), which cities move the estimate (`numbers`).
"""

from dataclasses import replace
from typing import Literal

from analysis.methods.roster_bounds.spec import RosterBounds
from analysis.study.equations import Block, Equation
from analysis.study.keys import Filter
from analysis.study.references import equation_of_design
from analysis.study.spec import LISTED, UNSURE, Study

AS_LISTED, SURE, LISTED_ONLY = "as_listed", "sure", "listed"
"""Columns whose cities a filter tells."""
LOWEST: Literal["lowest"] = "lowest"
HIGHEST: Literal["highest"] = "highest"
CHOSEN = (LOWEST, HIGHEST)
"""Columns whose cities are chosen for the estimate."""

LABELS = {
    AS_LISTED: "As the roster is",
    SURE: "Without untreated cities of provinces that a short batch lists nobody of",
    LISTED_ONLY: "Cities of the roster alone",
    LOWEST: "Without the cities whose absence lowers it most",
    HIGHEST: "Without the cities whose absence raises it most",
}


def equation_of(study: Study, design: RosterBounds, column: str = AS_LISTED) -> Equation:
    """The equation under the name of a column; those of `CHOSEN` begin with all rows."""
    equation = equation_of_design(study, design, column, LABELS[column])
    further = {
        SURE: Filter(column=UNSURE.format(policy=study.treatment), equals=False),
        LISTED_ONLY: Filter(column=LISTED.format(policy=study.treatment), equals=True),
    }
    if column not in further:
        return equation
    return replace(equation, sample=(*equation.sample, further[column]))


def block_of(study: Study, design: RosterBounds, *columns: str) -> Block:
    """Some columns as a block; all without any."""
    chosen = columns or tuple(LABELS)
    equations = tuple(equation_of(study, design, column) for column in chosen)
    return Block(design.id, design.title, equations)


__all__ = [
    "AS_LISTED",
    "CHOSEN",
    "HIGHEST",
    "LABELS",
    "LISTED_ONLY",
    "LOWEST",
    "SURE",
    "block_of",
    "equation_of",
]
