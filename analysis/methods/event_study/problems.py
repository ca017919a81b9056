"""Rules between the keys of an event study.

Belongs here: what is told of a study file before any data are read. Does not belong here: shape and
types of keys (`spec`).
"""

from analysis.methods.error_support import problems_of_errors
from analysis.methods.event_study.spec import EventStudy
from analysis.study.references import one_equation_problems
from analysis.study.rules import Problem, repeats
from analysis.study.spec import Study


def problems(study: Study, design: EventStudy) -> list[Problem]:
    """What is wrong between the keys of an event study: path within it, and what was expected."""
    found = one_equation_problems(study, design)
    found += problems_of_errors(study, "event_study", design.errors, (study.treatment,))
    return found + repeats(("base",), tuple(map(str, design.base)))


__all__ = ["problems"]
