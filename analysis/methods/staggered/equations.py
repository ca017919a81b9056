"""The equation whose sample and names all estimators of a design share.

Belongs here: what is explained by what. Does not belong here: the keys (`spec`), estimators (`numbers`).
"""

from dataclasses import replace

from analysis.methods.staggered.registry import LABELS
from analysis.methods.staggered.spec import Staggered
from analysis.study.equations import Block, Equation
from analysis.study.references import equation_of_design
from analysis.study.spec import Study


def equation_of(study: Study, design: Staggered) -> Equation:
    """The equation of the two-way effect; other estimators take its outcome, controls and rows."""
    return equation_of_design(study, design, "two_way", LABELS["two_way"])


def block_of(study: Study, design: Staggered) -> Block:
    """A column per estimator."""
    own = equation_of(study, design)
    return Block(
        design.id,
        design.title,
        tuple(replace(own, column_id=key, label=LABELS[key]) for key in design.estimators),
    )


__all__ = ["block_of", "equation_of"]
