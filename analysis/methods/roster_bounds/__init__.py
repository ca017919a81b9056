"""Bounds for an incomplete roster: the policy's coefficient without cities that the roster may lack."""

from typing import Any

from analysis.methods.base import Job, Made, Method, Row, Skipped
from analysis.methods.error_support import WITHOUT
from analysis.methods.roster_bounds.equations import equation_of
from analysis.methods.roster_bounds.problems import problems
from analysis.methods.roster_bounds.rules import RULES
from analysis.methods.roster_bounds.spec import RosterBounds
from analysis.methods.roster_bounds.tables import TABLES
from analysis.study.data import Needs
from analysis.study.equations import Equation
from analysis.study.spec import Study


def _needs(study: Study, design: RosterBounds) -> Needs:
    equation = equation_of(study, design)
    return Needs(equation.names, equation.columns)


def _equations(study: Study, design: RosterBounds) -> tuple[Equation, ...]:
    return (equation_of(study, design),)


def _run(job: Job) -> Made | Skipped:
    from analysis.methods.roster_bounds.run import run

    return run(job)


def _check(job: Job, made: Made) -> list[Row]:
    from analysis.methods.roster_bounds.referee import check

    return check(job, made)


def _section() -> Any:
    from analysis.methods.roster_bounds.section import SECTION

    return SECTION


METHOD = Method(
    key="roster_bounds",
    without_errors=WITHOUT["roster_bounds"],
    title="Bounds for an incomplete roster",
    design=RosterBounds,
    tables=tuple(TABLES.values()),
    needs=_needs,
    equations=_equations,
    run=_run,
    problems=problems,
    check=_check,
    rules=RULES,
    section=_section,
    sources=("Broderick, Giordano and Meager 2020, arXiv 2011.14999",),
)

__all__ = ["METHOD"]
