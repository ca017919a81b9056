"""Staggered adoption: estimators for a policy that begins in different years, side by side on one sample."""

from typing import Any

from analysis.methods.base import Job, Made, Method, Row, Skipped
from analysis.methods.error_support import WITHOUT
from analysis.methods.staggered.equations import equation_of
from analysis.methods.staggered.problems import problems
from analysis.methods.staggered.rules import RULES
from analysis.methods.staggered.spec import Staggered
from analysis.methods.staggered.tables import TABLES
from analysis.study.data import Needs
from analysis.study.equations import Equation
from analysis.study.spec import FIRST_YEAR, Study


def _needs(study: Study, design: Staggered) -> Needs:
    equation = equation_of(study, design)
    names = (*equation.names, FIRST_YEAR.format(policy=study.treatment))
    return Needs(names, equation.columns)


def _equations(study: Study, design: Staggered) -> tuple[Equation, ...]:
    return (equation_of(study, design),)


def _run(job: Job) -> Made | Skipped:
    from analysis.methods.staggered.run import run

    return run(job)


def _check(job: Job, made: Made) -> list[Row]:
    from analysis.methods.staggered.referee import check

    return check(job, made)


def _section() -> Any:
    from analysis.methods.staggered.section import SECTION

    return SECTION


METHOD = Method(
    key="staggered",
    without_errors=WITHOUT["staggered"],
    title="Staggered adoption",
    design=Staggered,
    tables=tuple(TABLES.values()),
    needs=_needs,
    equations=_equations,
    run=_run,
    problems=problems,
    check=_check,
    rules=RULES,
    section=_section,
    sources=(
        "group-time: Callaway and Sant'Anna 2021; interaction-weighted: Sun and Abraham 2021",
        "imputation: Borusyak, Jaravel and Spiess 2024; LP-DID: Dube, Girardi, Jorda and Taylor 2025",
        "stacked: Wing, Freedman and Hollingsworth 2024; decomposition: Goodman-Bacon 2021",
        "doubly robust: Sant'Anna and Zhao 2020; two-stage: Gardner 2022; extended two-way: Wooldridge 2021",
        "switchers: de Chaisemartin and D'Haultfoeuille 2024",
    ),
)

__all__ = ["METHOD"]
