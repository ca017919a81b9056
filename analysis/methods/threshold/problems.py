"""Rules between the keys of a threshold model.

Belongs here: what is told of a study file before any data are read. Does not belong here: shape and
types of keys (`spec`).
"""

from analysis.methods.threshold.equations import equation_of
from analysis.methods.threshold.spec import ThresholdDesign
from analysis.study.rules import Problem, both_sides, right_hand_side, unknown, unknown_name
from analysis.study.spec import Study


def problems(study: Study, model: ThresholdDesign) -> list[Problem]:
    """What is wrong between the keys of a threshold model: path within it, and what was expected."""
    found = unknown_name(("variable",), model.variable, tuple(study.variables))
    equation = equation_of(study, model)
    regressor = equation.regressors[0]
    found += unknown_name(("regressor",), regressor, study.names)
    if isinstance(model.controls, tuple):
        found += unknown(("controls",), model.controls, right_hand_side(study))
    if regressor in (model.variable, *study.controls_of(model)):
        found.append(
            (
                ("regressor",),
                f"a regressor other than the threshold variable and the controls, found {regressor!r}",
            )
        )
    for k, scheme in enumerate(model.schemes):
        if scheme in model.schemes[:k]:
            found.append((("schemes", k), "each pair of scheme and resample once"))
        if scheme.resample == "unit" and study.cluster != study.panel.unit:
            found.append(
                (
                    ("schemes", k, "resample"),
                    f"wild, as the study clusters by {study.cluster}: unit draws cities as if"
                    " independent",
                )
            )
    if not found:
        found += both_sides(study, ("variable",), equation.outcome, equation.terms)
    return found


__all__ = ["problems"]
