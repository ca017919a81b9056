"""Rules between the keys of a specification curve.

Belongs here: what is told of a study file before any data are read. Does not belong here: shape and types of keys
(`spec`).
"""

from analysis.methods.specification_curve.equations import equation_of, number_of
from analysis.methods.specification_curve.spec import SpecificationCurve
from analysis.study.references import one_equation_problems
from analysis.study.rules import Problem, both_sides, repeats, unknown
from analysis.study.spec import Study


def problems(study: Study, design: SpecificationCurve) -> list[Problem]:
    """What is wrong between the keys of a design: path within it, and what was expected."""
    found = one_equation_problems(study, design)
    found += unknown(("outcomes",), design.outcomes, tuple(study.variables))
    if found:
        return found
    base = equation_of(study, design)
    if base.year_by or base.city_trends:
        found.append((("column",), "a column without years by group and city trends"))
    if base.regressors != (study.treatment,):
        found.append(
            (("column",), f"a column with {study.treatment!r} as its one regressor of interest")
        )
    for name in design.outcomes:
        found += both_sides(study, ("outcomes",), name, base.terms)
    found += repeats(("outcomes",), (base.outcome, *design.outcomes))
    found += repeats(("effect_sets",), ("+".join(base.effects), *map("+".join, design.effect_sets)))
    found += repeats(("clusters",), (base.cluster or study.cluster, *design.clusters))
    for key, items in (("samples", design.samples), ("rules", design.rules)):
        found += repeats((key,), tuple(each.id for each in items), "id")
        found += repeats((key,), tuple(each.label for each in items), "label")
    for k, rule in enumerate(design.rules):
        own = study.policy
        if (rule.coverage or own.coverage, rule.timing or own.timing) == (own.coverage, own.timing):
            found.append(
                (
                    ("rules", k),
                    f"another rule than the study's own, coverage {own.coverage}, timing {own.timing}",
                )
            )
    number = number_of(study, design)
    if number > design.most:
        found.append(
            (
                ("most",),
                f"no more than {design.most} combinations, found {number}: declare fewer choices, control_sets:"
                " leave_one_out, or raise 'most'",
            )
        )
    return found


__all__ = ["problems"]
