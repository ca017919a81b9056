"""Robustness: a column of the study estimated again, one thing done otherwise at a time."""

from typing import Any

from analysis.methods.base import Job, Made, Method, Row, Skipped
from analysis.methods.robustness.equations import base_of, block_of
from analysis.methods.robustness.problems import problems
from analysis.methods.robustness.rules import RULES
from analysis.methods.robustness.spec import Robustness
from analysis.methods.robustness.tables import TABLES
from analysis.study.data import Needs
from analysis.study.equations import Equation
from analysis.study.errors import needs_of
from analysis.study.spec import FIRST_YEAR, Study


def _needs(study: Study, design: Robustness) -> Needs:
    base, block = base_of(study, design), block_of(study, design)
    names = [*base.names, *block.names]
    if any(each.reading.leave_out for each in block.equations):
        names.append(FIRST_YEAR.format(policy=study.treatment))
    columns = [name for each in (base, *block.equations) for name in each.columns]
    columns += needs_of(study, design.errors or ()).columns
    return Needs(tuple(dict.fromkeys(names)), tuple(dict.fromkeys(columns)))


def _equations(study: Study, design: Robustness) -> tuple[Equation, ...]:
    return block_of(study, design).equations


def _run(job: Job) -> Made | Skipped:
    from analysis.methods.robustness.run import run

    return run(job)


def _check(job: Job, made: Made) -> list[Row]:
    from analysis.methods.robustness.referee import check

    return check(job, made)


def _section() -> Any:
    from analysis.methods.robustness.section import SECTION

    return SECTION


METHOD = Method(
    key="robustness",
    title="Robustness",
    design=Robustness,
    tables=tuple(TABLES.values()),
    needs=_needs,
    equations=_equations,
    run=_run,
    problems=problems,
    check=_check,
    rules=RULES,
    section=_section,
    sources=(
        "difference of two estimates: both equations stacked, as Stata's suest (Weesie 1999)",
    ),
    block=block_of,
)

__all__ = ["METHOD"]
