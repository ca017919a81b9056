"""Rules between the keys of a placebo.

Belongs here: what is told of a study file before any data are read. Does not belong here: shape and
types of keys (`spec`).
"""

from analysis.methods.placebo.spec import Placebo
from analysis.study.references import one_equation_problems
from analysis.study.rules import Problem
from analysis.study.spec import Study


def problems(study: Study, design: Placebo) -> list[Problem]:
    """What is wrong between the keys of a placebo: path within it, and what was expected."""
    found = one_equation_problems(study, design)
    first, last = study.panel.years
    if any(years > last - first for years in design.moved):
        found.append(
            (("moved",), f"fewer years than the study has, {last - first + 1} ({first} to {last})")
        )
    return found


__all__ = ["problems"]
