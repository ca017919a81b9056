"""The equation of a sensitivity analysis, and its event studies as designs of staggered adoption.

Belongs here: what is explained by what, and with which window. Does not belong here: the keys (`spec`).
"""

from analysis.methods.sensitivity.spec import Sensitivity
from analysis.methods.staggered.equations import block_of as staggered_block
from analysis.methods.staggered.spec import Staggered
from analysis.study.equations import Block, Equation
from analysis.study.references import equation_of_design
from analysis.study.spec import Study


def equation_of(study: Study, design: Sensitivity) -> Equation:
    """The equation whose outcome, controls and rows all event studies take."""
    return equation_of_design(study, design, "two_way", "")


def block_of(study: Study, design: Sensitivity) -> Block:
    """A column per estimator."""
    return staggered_block(study, as_staggered(design))


def as_staggered(design: Sensitivity) -> Staggered:
    """The design that the estimators are given: a window with a year more at both ends.

    The two-way regression bins its ends, and a bin of several years has no place in a trend.
    """
    first, last = design.window
    return Staggered(
        id=design.id,
        title=design.title,
        column=design.column,
        outcome=design.outcome,
        controls=design.controls,
        effects=design.effects,
        sample=design.sample,
        estimators=design.estimators,
        window=(first - 1, last + 1),
        seed=0,
    )


__all__ = ["as_staggered", "block_of", "equation_of"]
