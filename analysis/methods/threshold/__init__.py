"""Panel threshold models: a slope that changes where another variable passes a value."""

from typing import Any

from analysis.methods.base import Job, Made, Method, Row, Skipped
from analysis.methods.error_support import WITHOUT
from analysis.methods.threshold.equations import equation_of
from analysis.methods.threshold.problems import problems
from analysis.methods.threshold.rules import RULES
from analysis.methods.threshold.spec import ThresholdDesign
from analysis.methods.threshold.tables import TABLES
from analysis.study.data import Needs
from analysis.study.equations import Equation
from analysis.study.spec import Study


def _needs(study: Study, design: ThresholdDesign) -> Needs:
    # The policy even where another regressor is studied: the threshold variable may respond to it.
    return Needs((study.treatment, *equation_of(study, design).names))


def _equations(study: Study, design: ThresholdDesign) -> tuple[Equation, ...]:
    return (equation_of(study, design),)


def _run(job: Job) -> Made | Skipped:
    from analysis.methods.threshold.run import run

    return run(job)


def _check(job: Job, made: Made) -> list[Row]:
    from analysis.methods.threshold.referee import check

    return check(job, made)


def _section() -> Any:
    from analysis.methods.threshold.section import SECTION

    return SECTION


METHOD = Method(
    key="threshold",
    without_errors=WITHOUT["threshold"],
    title="Threshold models",
    design=ThresholdDesign,
    tables=tuple(TABLES.values()),
    needs=_needs,
    equations=_equations,
    run=_run,
    problems=problems,
    check=_check,
    rules=RULES,
    section=_section,
    sources=("Hansen 1999, doi 10.1016/S0304-4076(99)00025-1; Wang 2015 (xthreg)",),
    was=("thresholds",),
)

__all__ = ["METHOD"]
