"""Moderation: the policy's effect over a variable, as a line with its band, and in bins that check the line."""

from typing import Any

from analysis.methods.base import Job, Made, Method, Row, Skipped
from analysis.methods.moderation.equations import block_of, equation_of
from analysis.methods.moderation.problems import problems
from analysis.methods.moderation.rules import RULES
from analysis.methods.moderation.spec import Moderation
from analysis.methods.moderation.tables import MARGINAL_EFFECT, MODERATION, MODERATOR_COUNT
from analysis.study.data import Needs
from analysis.study.equations import Equation
from analysis.study.errors import needs_of
from analysis.study.spec import FIRST_YEAR, Study


def _needs(study: Study, design: Moderation) -> Needs:
    equation = equation_of(study, design)
    names = (*equation.names, design.moderator, FIRST_YEAR.format(policy=study.treatment))
    return Needs(names, (*equation.columns, *needs_of(study, design.errors or ()).columns))


def _equations(study: Study, design: Moderation) -> tuple[Equation, ...]:
    return block_of(study, design).equations


def _run(job: Job) -> Made | Skipped:
    from analysis.methods.moderation.run import run

    return run(job)


def _check(job: Job, made: Made) -> list[Row]:
    from analysis.methods.moderation.referee import check

    return check(job, made)


def _section() -> Any:
    from analysis.methods.moderation.section import SECTION

    return SECTION


METHOD = Method(
    key="moderation",
    title="Moderation",
    design=Moderation,
    tables=(MODERATION, MARGINAL_EFFECT, MODERATOR_COUNT),
    needs=_needs,
    equations=_equations,
    run=_run,
    problems=problems,
    check=_check,
    rules=RULES,
    section=_section,
    sources=(
        "Hainmueller, Mummolo and Xu 2019 (line, bins and histogram), doi 10.1017/pan.2018.46",
        "sup-t band: Montiel Olea and Plagborg-Møller 2019",
    ),
)

__all__ = ["METHOD"]
