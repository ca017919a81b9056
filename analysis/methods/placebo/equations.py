"""The equation of a placebo, in the names of the study.

Belongs here: what is explained by what. Does not belong here: the keys (`spec`), the draws (`run`).
"""

from analysis.methods.placebo.spec import Placebo
from analysis.study.equations import Block, Equation
from analysis.study.references import equation_of_design
from analysis.study.spec import Study

TRUE = "true"
"""Id of the column with the true treatment."""
MOVED = "moved_{years}"
"""Id of the column in which the policy is said to have begun earlier."""


def equation_of(study: Study, design: Placebo) -> Equation:
    """The equation whose treatment is drawn."""
    return equation_of_design(study, design, TRUE, "True treatment")


def block_of(study: Study, design: Placebo) -> Block:
    """The equation with the true treatment as a column of the design."""
    return Block(design.id, design.title, (equation_of(study, design),))


__all__ = ["MOVED", "TRUE", "block_of", "equation_of"]
