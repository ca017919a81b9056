"""Event study: the effect by years since the policy began, with bands and a test of the leads."""

from typing import Any

from analysis.methods.base import Job, Made, Method, Row, Skipped
from analysis.methods.event_study.equations import equation_of
from analysis.methods.event_study.problems import problems
from analysis.methods.event_study.rules import RULES
from analysis.methods.event_study.spec import EventStudy
from analysis.methods.event_study.tables import EVENT_STUDY, EVENT_TIME
from analysis.study.data import Needs
from analysis.study.equations import Equation
from analysis.study.errors import needs_of
from analysis.study.spec import FIRST_YEAR, Study


def _needs(study: Study, design: EventStudy) -> Needs:
    equation = equation_of(study, design)
    names = (*equation.names, FIRST_YEAR.format(policy=study.treatment))
    return Needs(names, (*equation.columns, *needs_of(study, design.errors or ()).columns))


def _equations(study: Study, design: EventStudy) -> tuple[Equation, ...]:
    return (equation_of(study, design),)


def _run(job: Job) -> Made | Skipped:
    from analysis.methods.event_study.run import run

    return run(job)


def _check(job: Job, made: Made) -> list[Row]:
    from analysis.methods.event_study.referee import check

    return check(job, made)


def _section() -> Any:
    from analysis.methods.event_study.section import SECTION

    return SECTION


METHOD = Method(
    key="event_study",
    title="Event study",
    design=EventStudy,
    tables=(EVENT_STUDY, EVENT_TIME),
    needs=_needs,
    equations=_equations,
    run=_run,
    problems=problems,
    check=_check,
    rules=RULES,
    section=_section,
    sources=(
        "Schmidheiny and Siegloch 2023 (binned ends); Sun and Abraham 2021 (what the coefficients mix)",
        "sup-t band: Montiel Olea and Plagborg-Møller 2019",
    ),
)

__all__ = ["METHOD"]
