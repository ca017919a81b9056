"""Rules between the keys of a moderated effect.

Belongs here: what is told of a study file before any data are read. Does not belong here: shape and
types of keys (`spec`).
"""

from analysis.methods.error_support import problems_of_errors
from analysis.methods.moderation.equations import equation_of
from analysis.methods.moderation.spec import Moderation
from analysis.study.references import one_equation_problems
from analysis.study.rules import Problem, unknown_name
from analysis.study.spec import Study


def problems(study: Study, design: Moderation) -> list[Problem]:
    """What is wrong between the keys: path within the design, and what was expected."""
    found = one_equation_problems(study, design)
    found += problems_of_errors(study, "moderation", design.errors, (study.treatment,))
    found += unknown_name(("moderator",), design.moderator, _moderators(study))
    if found:
        return found
    equation = equation_of(study, design)
    moderator = study.variables[design.moderator]
    if equation.outcome == design.moderator or (
        equation.outcome == study.outcome.column and moderator.columns == study.outcome.columns
    ):
        found.append((("moderator",), "another variable than what is explained"))
    first, last = study.panel.years
    if design.over is not None and not (
        first <= design.over[0] <= last and first <= design.over[1] <= last
    ):
        found.append((("over",), f"years of the study, {first} to {last}"))
    if design.year_slopes and "year" not in equation.effects:
        found.append(
            (
                ("year_slopes",),
                "a column with year effects, which slopes of years belong to, or false",
            )
        )
    return found


def _moderators(study: Study) -> tuple[str, ...]:
    return tuple(name for name in study.variables if not study.interacts(name))


__all__ = ["problems"]
