"""Rules between the keys of bounds for an incomplete roster.

Belongs here: what is told of a study file before any data are read. Does not belong here: shape and
types of keys (`spec`).
"""

from analysis.methods.roster_bounds.spec import RosterBounds
from analysis.study.references import one_equation_problems
from analysis.study.rules import Problem
from analysis.study.spec import Study


def problems(study: Study, design: RosterBounds) -> list[Problem]:
    """What is wrong between the keys: path within the design, and what was expected."""
    return one_equation_problems(study, design)


__all__ = ["problems"]
