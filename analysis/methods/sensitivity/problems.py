"""Rules between the keys of a sensitivity analysis.

Belongs here: what is told of a study file before any data are read. Does not belong here: shape and
types of keys (`spec`).
"""

from analysis.methods.sensitivity.spec import Sensitivity
from analysis.study.references import one_equation_problems
from analysis.study.rules import Problem, repeats
from analysis.study.spec import Study


def problems(study: Study, design: Sensitivity) -> list[Problem]:
    """What is wrong between the keys of a design: path within it, and what was expected."""
    found = one_equation_problems(study, design) + repeats(("estimators",), design.estimators)
    if design.window[0] > -2:
        found.append(
            (
                ("window",),
                "a first event time of -2 or earlier: without an effect before the policy nothing says"
                " how trends differ",
            )
        )
    return found


__all__ = ["problems"]
