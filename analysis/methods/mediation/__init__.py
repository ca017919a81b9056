"""Mediation: how much of the policy's effect runs through one variable, or several held together."""

from typing import Any

from analysis.methods.base import Job, Made, Method, Row, Skipped
from analysis.methods.mediation.equations import block_of
from analysis.methods.mediation.problems import problems
from analysis.methods.mediation.rules import RULES
from analysis.methods.mediation.spec import Mediation
from analysis.methods.mediation.tables import TABLES
from analysis.study.data import Needs
from analysis.study.equations import Equation
from analysis.study.errors import needs_of
from analysis.study.spec import Study


def _needs(study: Study, design: Mediation) -> Needs:
    names = (study.outcome.column, study.treatment, *design.mediators, *study.controls_of(design))
    return Needs(tuple(dict.fromkeys(names)), needs_of(study, design.errors or ()).columns)


def _equations(study: Study, design: Mediation) -> tuple[Equation, ...]:
    return block_of(study, design).equations


def _run(job: Job) -> Made | Skipped:
    from analysis.methods.mediation.run import run

    return run(job)


def _check(job: Job, made: Made) -> list[Row]:
    from analysis.methods.mediation.referee import check

    return check(job, made)


def _section() -> Any:
    from analysis.methods.mediation.section import SECTION

    return SECTION


METHOD = Method(
    key="mediation",
    title="Mediation",
    design=Mediation,
    tables=tuple(TABLES.values()),
    needs=_needs,
    equations=_equations,
    run=_run,
    problems=problems,
    check=_check,
    rules=RULES,
    section=_section,
    sources=(
        "Baron and Kenny 1986; MacKinnon et al. 1995; several mediators: Preacher and Hayes 2008",
    ),
)

__all__ = ["METHOD"]
