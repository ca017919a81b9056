"""Columns of a study by their name, as `baseline.5`: for designs that take one up instead of copying it.

Belongs here: finding the column, what is wrong with a name, and the rules of the treatment that
equations ask for beside the study's own. Does not belong here: equations themselves (`equations`), how a
method spells them out (its room's `equations`).

Two steps at most: a design that takes up a column by its key `column` can be taken up by others, but not
by one that is taken up itself.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from analysis.study.equations import Equation, rule_name
from analysis.study.hints import did_you_mean
from analysis.study.keys import OneEquation
from analysis.study.rules import (
    Path,
    Problem,
    both_sides,
    repeats,
    right_hand_side,
    unknown,
)
from analysis.study.spec import Policy, Study


def column_named(study: Study, name: str, *, own: bool = False) -> Equation:
    """The equation of the column `name`, `design.column`; with `own` of designs that spell it out.

    Raises KeyError for a name that isn't there.
    """
    wanted, _, column_id = name.partition(".")
    for key, design in _designs(study, own):
        if design.id == wanted:
            for equation in study.blocks[key](study, design).equations:
                if equation.column_id == column_id:
                    found: Equation = equation
                    return found
    raise KeyError(name)


def reference_problems(study: Study, at: Path, name: str, *, own: bool = False) -> list[Problem]:
    """What is wrong with the name of a column, and which there are."""
    try:
        equation = column_named(study, name, own=own)
    except KeyError:
        known = tuple(
            f"{design.id}.{equation.column_id}"
            for key, design in _designs(study, own)
            for equation in study.blocks[key](study, design).equations
            if equation.split is None
        )
        expected = (
            f"a column of this study as design.column, found {name!r}{did_you_mean(name, known)};"
            f" there are {', '.join(known) or 'none'}"
        )
        return [(at, expected)]
    if equation.split is not None:
        return [(at, f"a column for all cities; {name!r} is for the group {equation.label!r}")]
    return []


def equation_of_design(study: Study, design: OneEquation, column_id: str, label: str) -> Equation:
    """The equation of a design, spelt out or taken up; the study's policy is its first regressor.

    Raises KeyError for a column that isn't there.
    """
    if design.column is None:
        return Equation(
            column_id=column_id,
            label=label,
            outcome=design.outcome or study.outcome.column,
            regressors=(study.treatment,),
            controls=study.controls_of(design),
            effects=design.effects or (),
            sample=design.sample,
        )
    taken = column_named(study, design.column)
    others = tuple(name for name in taken.regressors if name != study.treatment)
    return replace(
        taken,
        column_id=column_id,
        label=label,
        regressors=(study.treatment, *others),
        published_column=None,
    )


def one_equation_problems(study: Study, design: OneEquation) -> list[Problem]:
    """What is wrong between the keys of a design with one equation: path within it, and what was expected."""
    treatment = study.treatment
    if design.column is not None:
        found = reference_problems(study, ("column",), design.column)
        if found:
            return found
        taken = column_named(study, design.column)
        if treatment not in taken.regressors:
            found.append((("column",), f"a column with {treatment!r} among its regressors"))
        if any(study.interacts(name) for name in taken.terms):
            found.append((("column",), f"a column without products of {treatment!r}"))
        if taken.year_by is not None or taken.city_trends:
            found.append(
                (("column",), "a column with effects of cities and years alone, without trends")
            )
        return found
    found = repeats(("effects",), design.effects or ())
    if isinstance(design.controls, tuple):
        found += unknown(("controls",), design.controls, right_hand_side(study))
    if design.outcome is not None:
        found += unknown(("outcome",), (design.outcome,), tuple(study.variables))
    if treatment in study.controls_of(design):
        found.append((("controls",), f"no {treatment!r}: its effect is what is studied"))
    if found:
        return found
    equation = equation_of_design(study, design, "", "")
    return both_sides(study, ("controls",), equation.outcome, equation.terms)


def exposures_of(study: Study) -> dict[str, Policy]:
    """Every rule of a policy that the study's equations ask for, by its column: its policies first."""
    found = dict(study.policies)
    for key, design in _designs(study, own=False):
        for equation in study.blocks[key](study, design).equations:
            if equation.reading.policy is not None:
                rule = equation.reading.policy
                found[rule_name(study.treatment, rule)] = rule
    return found


def lags_reach(study: Study) -> int:
    """By how many years the values of the study's equations go back at most."""
    declared = max((each.lag or 0 for each in study.variables.values()), default=0)
    asked = [
        equation.reading.lag_controls
        for key, design in _designs(study, own=False)
        for equation in study.blocks[key](study, design).equations
    ]
    return declared + max(asked, default=0)


def _designs(study: Study, own: bool) -> Iterator[tuple[str, Any]]:
    for key, design in study.designs():
        if key in study.blocks and not (own and getattr(design, "column", None) is not None):
            yield key, design


__all__ = [
    "column_named",
    "equation_of_design",
    "exposures_of",
    "lags_reach",
    "one_equation_problems",
    "reference_problems",
]
