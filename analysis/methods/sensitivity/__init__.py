"""Sensitivity: how far trends may differ before an effect is gone, and what a test of leads would miss."""

from typing import Any

from analysis.methods.base import Job, Made, Method, Row, Skipped
from analysis.methods.sensitivity.equations import equation_of
from analysis.methods.sensitivity.problems import problems
from analysis.methods.sensitivity.rules import RULES
from analysis.methods.sensitivity.spec import Sensitivity
from analysis.methods.sensitivity.tables import TABLES
from analysis.study.data import Needs
from analysis.study.equations import Equation
from analysis.study.spec import FIRST_YEAR, Study


def _needs(study: Study, design: Sensitivity) -> Needs:
    equation = equation_of(study, design)
    names = (*equation.names, FIRST_YEAR.format(policy=study.treatment))
    return Needs(names, equation.columns)


def _equations(study: Study, design: Sensitivity) -> tuple[Equation, ...]:
    return (equation_of(study, design),)


def _run(job: Job) -> Made | Skipped:
    from analysis.methods.sensitivity.run import run

    return run(job)


def _check(job: Job, made: Made) -> list[Row]:
    from analysis.methods.sensitivity.referee import check

    return check(job, made)


def _section() -> Any:
    from analysis.methods.sensitivity.section import SECTION

    return SECTION


METHOD = Method(
    key="sensitivity",
    title="Sensitivity to other trends",
    design=Sensitivity,
    tables=tuple(TABLES.values()),
    needs=_needs,
    equations=_equations,
    run=_run,
    problems=problems,
    check=_check,
    rules=RULES,
    section=_section,
    sources=(
        "bounds and intervals: Rambachan and Roth 2023; conditional test: Andrews, Roth and Pakes 2023",
        "fixed length: Armstrong and Kolesár 2018; power of the pre-test: Roth 2022",
    ),
)

__all__ = ["METHOD"]
