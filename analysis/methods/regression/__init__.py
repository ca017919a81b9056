"""Tables of regressions: one equation per column, by groups of cities where a column is split."""

from typing import Any

from analysis.methods.base import Job, Made, Method, Row, Skipped
from analysis.methods.regression.equations import block_of, errors_of
from analysis.methods.regression.problems import problems
from analysis.methods.regression.rules import RULES
from analysis.methods.regression.spec import RegressionTable
from analysis.methods.regression.tables import TABLES
from analysis.study.data import Needs
from analysis.study.equations import Equation
from analysis.study.errors import needs_of
from analysis.study.spec import Study


def _needs(study: Study, table: RegressionTable) -> Needs:
    block = block_of(study, table)
    errors = (each for own in errors_of(table).values() for each in own)
    columns = [name for each in block.equations for name in each.columns]
    return Needs(block.names, (*columns, *needs_of(study, errors).columns))


def _equations(study: Study, design: RegressionTable) -> tuple[Equation, ...]:
    return block_of(study, design).equations


def _run(job: Job) -> Made | Skipped:
    from analysis.methods.regression.run import run

    return run(job)


def _check(job: Job, made: Made) -> list[Row]:
    from analysis.methods.regression.referee import check

    return check(job, made)


def _section() -> Any:
    from analysis.methods.regression.section import SECTION

    return SECTION


METHOD = Method(
    key="regression",
    title="Regressions",
    design=RegressionTable,
    tables=tuple(TABLES.values()),
    needs=_needs,
    equations=_equations,
    run=_run,
    problems=problems,
    check=_check,
    rules=RULES,
    section=_section,
    sources=(
        "fixest's small-sample convention; docs/decisions/0009-own-regression-engine-refereed.md",
    ),
    was=("tables",),
    block=block_of,
)

__all__ = ["METHOD"]
