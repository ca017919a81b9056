"""Specification curve: the policy's effect in every declared combination of choices, and a joint test of all."""

from typing import Any

from analysis.methods.base import Job, Made, Method, Row, Skipped
from analysis.methods.specification_curve.equations import block_of, choices, equation_of
from analysis.methods.specification_curve.problems import problems
from analysis.methods.specification_curve.rules import RULES
from analysis.methods.specification_curve.spec import SpecificationCurve
from analysis.methods.specification_curve.tables import TABLES
from analysis.study.data import Needs
from analysis.study.equations import Equation
from analysis.study.spec import FIRST_YEAR, Study


def _needs(study: Study, design: SpecificationCurve) -> Needs:
    made = [choice.equation for choice in choices(study, design)]
    names = [name for each in made for name in each.names]
    columns = [name for each in made for name in each.columns]
    names.append(FIRST_YEAR.format(policy=study.treatment))
    return Needs(tuple(dict.fromkeys(names)), tuple(dict.fromkeys(columns)))


def _equations(study: Study, design: SpecificationCurve) -> tuple[Equation, ...]:
    return (equation_of(study, design),)


def _run(job: Job) -> Made | Skipped:
    from analysis.methods.specification_curve.run import run

    return run(job)


def _check(job: Job, made: Made) -> list[Row]:
    from analysis.methods.specification_curve.referee import check

    return check(job, made)


def _section() -> Any:
    from analysis.methods.specification_curve.section import SECTION

    return SECTION


METHOD = Method(
    key="specification_curve",
    title="Specification curve",
    design=SpecificationCurve,
    tables=tuple(TABLES.values()),
    needs=_needs,
    equations=_equations,
    run=_run,
    problems=problems,
    check=_check,
    rules=RULES,
    section=_section,
    sources=("Simonsohn, Simmons and Nelson 2020, doi 10.1038/s41562-020-0912-z",),
    block=block_of,
)

__all__ = ["METHOD"]
