"""Rules between the keys of a robustness table.

Belongs here: what is told of a study file before any data are read. Does not belong here: shape and
types of keys (`spec`).
"""

from analysis.methods.error_support import problems_of_errors
from analysis.methods.robustness.equations import base_of, rule_of, varied
from analysis.methods.robustness.spec import Robustness, Variation
from analysis.study.references import reference_problems
from analysis.study.rules import (
    Path,
    Problem,
    equation_problems,
    repeats,
    right_hand_side,
    unknown,
    unknown_name,
)
from analysis.study.spec import Study


def problems(study: Study, design: Robustness) -> list[Problem]:
    """What is wrong between the keys of a robustness table: path within it, and what was expected."""
    found = reference_problems(study, ("column",), design.column, own=True)
    if found:
        return found
    base = base_of(study, design)
    if study.treatment not in base.regressors:
        return [(("column",), f"a column with the policy {study.treatment!r} among its regressors")]
    found += problems_of_errors(study, "robustness", design.errors, base.regressors)
    found += repeats(("variations",), tuple(each.id for each in design.variations), "id")
    printed: dict[int, str] = {}
    for k, variation in enumerate(design.variations):
        at: Path = ("variations", k)
        wrong = _names(study, at, variation)
        if not wrong:
            equation = varied(study, base, variation)
            wrong = repeats((*at, "add"), equation.controls)
            if equation.reading.policy is not None and any(map(study.interacts, equation.terms)):
                wrong.append((at, "no other rule of the policy: a term is its product by this one"))
            for key, needs in (("year_by", "year"), ("city_trends", "city")):
                if key in variation.changes and needs not in equation.effects:
                    wrong.append(((*at, key), f"a column with {needs} effects, which it builds on"))
            wrong += equation_problems(study, at, equation)
        found += wrong
        number = variation.published_column
        if number is None:
            continue
        if design.published is None:
            found.append(
                (
                    (*at, "published_column"),
                    f"a key 'published' in {design.id!r} that says which printed table it belongs to",
                )
            )
        if number in printed:
            found.append(
                (
                    (*at, "published_column"),
                    f"a printed column each once, found {number} in {printed[number]!r} and"
                    f" {variation.id!r}",
                )
            )
        printed[number] = variation.id
    return found


def _names(study: Study, at: Path, variation: Variation) -> list[Problem]:
    found = unknown((*at, "add"), variation.add, right_hand_side(study))
    if isinstance(variation.controls, tuple):
        found += unknown((*at, "controls"), variation.controls, right_hand_side(study))
    if variation.outcome is not None:
        found += unknown_name((*at, "outcome"), variation.outcome, tuple(study.variables))
    if variation.effects is not None:
        found += repeats((*at, "effects"), variation.effects)
    rule = study.policy
    if (variation.coverage or variation.timing) and rule_of(rule, variation) is None:
        found.append(
            (
                at,
                f"another rule than the study's own, coverage {rule.coverage}, timing {rule.timing}",
            )
        )
    return found


__all__ = ["problems"]
