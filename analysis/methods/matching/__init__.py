"""Matching: cities made alike by their propensity or covariates, and the difference in differences on them."""

from typing import Any

from analysis.methods.base import Job, Made, Method, Row, Skipped
from analysis.methods.matching.equations import block_of, covariates_of
from analysis.methods.matching.problems import problems
from analysis.methods.matching.rules import RULES
from analysis.methods.matching.spec import Matching
from analysis.methods.matching.tables import TABLES
from analysis.study.data import Needs
from analysis.study.equations import Equation
from analysis.study.errors import needs_of
from analysis.study.spec import FIRST_YEAR, Study


def _needs(study: Study, design: Matching) -> Needs:
    names = (*block_of(study, design).names, *covariates_of(study, design))
    cohort = FIRST_YEAR.format(policy=study.treatment)
    columns = (item.column for item in design.sample)
    return Needs((*names, cohort), (*columns, *needs_of(study, design.errors or ()).columns))


def _equations(study: Study, design: Matching) -> tuple[Equation, ...]:
    return block_of(study, design).equations


def _run(job: Job) -> Made | Skipped:
    from analysis.methods.matching.run import run

    return run(job)


def _check(job: Job, made: Made) -> list[Row]:
    from analysis.methods.matching.referee import check

    return check(job, made)


def _section() -> Any:
    from analysis.methods.matching.section import SECTION

    return SECTION


METHOD = Method(
    key="matching",
    title="Matching (PSM-DID)",
    design=Matching,
    tables=TABLES,
    needs=_needs,
    equations=_equations,
    run=_run,
    problems=problems,
    check=_check,
    rules=RULES,
    section=_section,
    sources=(
        "Rosenbaum and Rubin 1983, 1985; with fixed effects: Heckman, Ichimura and Todd 1997",
        "kernel and common support as psmatch2 (Leuven and Sianesi 2003); greedy order as MatchIt",
        "entropy balancing: Hainmueller 2012; balance: Rubin 2001",
    ),
)

__all__ = ["METHOD"]
