"""Rules between the keys of a mediation.

Belongs here: what is told of a study file before any data are read. Does not belong here: shape and
types of keys (`spec`).
"""

from analysis.methods.error_support import problems_of_errors
from analysis.methods.mediation.equations import block_of
from analysis.methods.mediation.spec import Mediation
from analysis.study.rules import Problem, both_sides, repeats, right_hand_side, unknown
from analysis.study.spec import Study


def problems(study: Study, design: Mediation) -> list[Problem]:
    """What is wrong between the keys of a mediation: path within it, and what was expected."""
    found = unknown(("mediators",), design.mediators, tuple(study.variables))
    found += repeats(("effects",), design.effects)
    found += problems_of_errors(study, "mediation", design.errors, (study.treatment,))
    if isinstance(design.controls, tuple):
        found += unknown(("controls",), design.controls, right_hand_side(study))
    for name in sorted(set(design.mediators) & set(study.controls_of(design))):
        found.append((("mediators",), f"{name!r} as a mediator or a control, not as both"))
    found += unknown(("joint",), design.joint or (), design.mediators)
    if found:
        return found
    told: dict[str, Problem] = {}
    for equation in block_of(study, design).equations:
        for problem in both_sides(study, ("mediators",), equation.outcome, equation.terms):
            told.setdefault(problem[1], problem)
    return list(told.values())


__all__ = ["problems"]
