"""The equations of a moderated effect, in the names of the study.

Belongs here: what is explained by what. Does not belong here: products with the moderator (`numbers`).
"""

from dataclasses import replace

from analysis.methods.moderation.spec import Moderation
from analysis.study.equations import Block, Equation
from analysis.study.references import equation_of_design
from analysis.study.spec import Study

LINEAR, BINNED = "linear", "binned"
"""Ids of the columns: one interaction, and one in each bin of the moderator."""
LABELS = {LINEAR: "Line", BINNED: "Bins"}


def equation_of(study: Study, design: Moderation, column_id: str = LINEAR) -> Equation:
    """An equation; its treatment stands for the effect at the mean, or in each bin.

    A moderator of the year itself is among what the equation reads, and no control beside its own level.
    """
    equation = equation_of_design(study, design, column_id, LABELS[column_id])
    if design.over is not None:
        return equation
    return replace(
        equation,
        regressors=tuple(name for name in equation.regressors if name != design.moderator),
        controls=tuple(name for name in equation.controls if name != design.moderator),
        needs=(*equation.needs, design.moderator),
    )


def block_of(study: Study, design: Moderation) -> Block:
    """Both equations as the design's columns."""
    equations = tuple(equation_of(study, design, name) for name in (LINEAR, BINNED))
    return Block(design.id, design.title, equations)


__all__ = ["BINNED", "LINEAR", "block_of", "equation_of"]
