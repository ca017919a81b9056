"""Rules between the keys of a staggered design.

Belongs here: what is told of a study file before any data are read. Does not belong here: shape and
types of keys (`spec`).
"""

from analysis.methods.staggered.equations import equation_of
from analysis.methods.staggered.spec import Staggered
from analysis.study.references import one_equation_problems
from analysis.study.rules import Problem, repeats
from analysis.study.spec import Study


def problems(study: Study, design: Staggered) -> list[Problem]:
    """What is wrong between the keys of a design: path within it, and what was expected."""
    found = one_equation_problems(study, design)
    found += repeats(("estimators",), design.estimators)
    if found:
        return found
    effects = equation_of(study, design).effects
    if set(effects) != {"city", "year"}:
        return [
            (
                ("effects",),
                f"[city, year]: all estimators compare changes of cities beside those of others; found"
                f" {'+'.join(effects) or 'none'}",
            )
        ]
    return []


__all__ = ["problems"]
