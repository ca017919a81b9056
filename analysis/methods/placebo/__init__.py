"""Placebo: the treatment drawn at random over cities, many times, beside the true estimate."""

from typing import Any

from analysis.methods.base import Job, Made, Method, Row, Skipped
from analysis.methods.error_support import WITHOUT
from analysis.methods.placebo.equations import equation_of
from analysis.methods.placebo.problems import problems
from analysis.methods.placebo.rules import RULES
from analysis.methods.placebo.spec import Placebo
from analysis.methods.placebo.tables import PLACEBO, PLACEBO_DENSITY, PLACEBO_DRAW
from analysis.study.data import Needs
from analysis.study.equations import Equation
from analysis.study.spec import FIRST_YEAR, Study


def _needs(study: Study, design: Placebo) -> Needs:
    equation = equation_of(study, design)
    names = (*equation.names, FIRST_YEAR.format(policy=study.treatment))
    return Needs(names, (*equation.columns, *((design.within,) if design.within else ())))


def _equations(study: Study, design: Placebo) -> tuple[Equation, ...]:
    return (equation_of(study, design),)


def _run(job: Job) -> Made | Skipped:
    from analysis.methods.placebo.run import run

    return run(job)


def _check(job: Job, made: Made) -> list[Row]:
    from analysis.methods.placebo.referee import check

    return check(job, made)


def _section() -> Any:
    from analysis.methods.placebo.section import SECTION

    return SECTION


METHOD = Method(
    key="placebo",
    without_errors=WITHOUT["placebo"],
    title="Placebo",
    design=Placebo,
    tables=(PLACEBO, PLACEBO_DRAW, PLACEBO_DENSITY),
    needs=_needs,
    equations=_equations,
    run=_run,
    problems=problems,
    check=_check,
    rules=RULES,
    section=_section,
    sources=(
        "Rosenbaum 2002, ch. 2; staggered: Athey and Imbens 2022; p value: Phipson and Smyth 2010",
        "the t value as statistic: MacKinnon and Webb 2020",
    ),
)

__all__ = ["METHOD"]
