"""Rules between the keys of a placebo.

Belongs here: what is told of a study file before any data are read. Does not belong here: shape and
types of keys (`spec`).
"""

from analysis.methods.placebo.equations import equation_of
from analysis.methods.placebo.spec import Placebo
from analysis.study.rules import Problem, both_sides, repeats, right_hand_side, unknown
from analysis.study.spec import Study


def problems(study: Study, design: Placebo) -> list[Problem]:
    """What is wrong between the keys of a placebo: path within it, and what was expected."""
    found = repeats(("effects",), design.effects)
    if isinstance(design.controls, tuple):
        found += unknown(("controls",), design.controls, right_hand_side(study))
    if design.outcome is not None:
        found += unknown(("outcome",), (design.outcome,), tuple(study.variables))
    if study.treatment in study.controls_of(design):
        found.append((("controls",), f"no {study.treatment!r}: it is what is drawn"))
    first, last = study.panel.years
    if any(years > last - first for years in design.moved):
        found.append(
            (("moved",), f"fewer years than the study has, {last - first + 1} ({first} to {last})")
        )
    if found:
        return found
    equation = equation_of(study, design)
    return both_sides(study, ("controls",), equation.outcome, equation.terms)


__all__ = ["problems"]
