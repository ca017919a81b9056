"""Columns of a study by their name, as `baseline.5`: for designs that take one up instead of copying it.

Belongs here: finding the column, what is wrong with a name, and the rules of the treatment that
equations ask for beside the study's own. Does not belong here: equations themselves (`equations`), how a
method spells them out (its room's `equations`).

Two steps at most: a design that takes up a column by its key `column` can be taken up by others, but not
by one that is taken up itself.
"""

from collections.abc import Iterator
from typing import Any

from analysis.study.equations import Equation, rule_name
from analysis.study.hints import did_you_mean
from analysis.study.rules import Path, Problem
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


def exposures_of(study: Study) -> dict[str, Policy]:
    """Every rule of a policy that the study's equations ask for, by its column: its policies first."""
    found = dict(study.policies)
    for key, design in _designs(study, own=False):
        for equation in study.blocks[key](study, design).equations:
            if equation.reading.policy is not None:
                rule = equation.reading.policy
                found[rule_name(study.treatment, rule)] = rule
    return found


def _designs(study: Study, own: bool) -> Iterator[tuple[str, Any]]:
    for key, design in study.designs():
        if key in study.blocks and not (own and getattr(design, "column", None) is not None):
            yield key, design


__all__ = ["column_named", "exposures_of", "reference_problems"]
