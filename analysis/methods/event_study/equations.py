"""The equation of an event study, in the names of the study.

Belongs here: what is explained by what. Does not belong here: the keys (`spec`), dummies of event time
(`numbers`).
"""

from analysis.methods.event_study.spec import EventStudy
from analysis.study.equations import Block, Equation
from analysis.study.references import equation_of_design
from analysis.study.spec import Study

TWO_WAY = "two_way"
"""Id of the column: least squares with dummies of event time. Other estimators have others."""


def equation_of(study: Study, design: EventStudy) -> Equation:
    """The equation; its treatment stands for the dummies of event time that take its place."""
    return equation_of_design(study, design, TWO_WAY, "Leads and lags")


def block_of(study: Study, design: EventStudy) -> Block:
    """The equation as the design's column."""
    return Block(design.id, design.title, (equation_of(study, design),))


__all__ = ["TWO_WAY", "block_of", "equation_of"]
