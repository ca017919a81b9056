"""Rules between the keys of a matching.

Belongs here: what is told of a study file before any data are read. Does not belong here: shape and types
of keys (`spec`).
"""

from analysis.methods.error_support import problems_of_errors
from analysis.methods.matching.equations import covariates_of, equation_of
from analysis.methods.matching.spec import Matching
from analysis.study.rules import Problem, both_sides, repeats, right_hand_side, unknown
from analysis.study.spec import Study


def problems(study: Study, design: Matching) -> list[Problem]:
    """What is wrong between the keys of a matching: path within it, and what was expected."""
    found = repeats(("effects",), design.effects)
    found += problems_of_errors(study, "matching", design.errors, (study.treatment,))
    for key, given in (("controls", design.controls), ("covariates", design.covariates)):
        if isinstance(given, tuple):
            found += unknown((key,), given, right_hand_side(study))
    if design.outcome is not None:
        found += unknown(("outcome",), (design.outcome,), tuple(study.variables))
    if not covariates_of(study, design):
        found.append((("covariates",), "variables to match on: true where the study has controls"))
    for name in study.policies:
        if name in covariates_of(study, design):
            found.append(
                (("covariates",), f"no {name!r}: cities are matched on what isn't a policy")
            )
    if study.treatment in study.controls_of(design):
        found.append((("controls",), f"no {study.treatment!r}: it is what the equation asks for"))
    first, last = study.panel.years
    if design.over is not None and not first <= design.over[0] <= design.over[1] <= last:
        found.append((("over",), f"years of the study, {first} to {last}"))
    found += repeats(("columns",), tuple(column.id for column in design.columns), "id")
    if found:
        return found
    equation = equation_of(study, design, design.columns[0])
    return both_sides(study, ("controls",), equation.outcome, equation.terms) + both_sides(
        study, ("covariates",), equation.outcome, covariates_of(study, design)
    )


__all__ = ["problems"]
