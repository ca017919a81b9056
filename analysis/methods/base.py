"""What a method is to the rest of the house, and what it is given and gives back.

Belongs here: the shape of a method, of a job and of its outcome, and doing one job so that its failure
is an outcome as well. Does not belong here: which methods there are (`registry`), any of them.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from analysis.regression.conventions import DEFAULT_CONVENTION, Convention
from analysis.study.data import Needs, StudyData
from analysis.study.equations import Block, Equation
from analysis.study.facts import NO_FACTS, Facts
from analysis.study.groups import Groups
from analysis.study.sample import Sample, balanced_sample, sample_of
from analysis.study.spec import Study
from analysis.tables import Table

if TYPE_CHECKING:
    import pandas as pd
    from pydantic import BaseModel

ESTIMATED, SKIPPED, FAILED = "estimated", "skipped", "failed"
"""Status of a design, and of a column of one."""

Row = dict[str, Any]
Problem = tuple[tuple[str | int, ...], str]
"""What is wrong in a study file: path of keys within the design, and what was expected."""


@dataclass(frozen=True)
class GateRule:
    """A rule of the last gate that follows from no declaration, in the form of the gates' suites.

    `query` gives the rows that break it, in an order; in it `{batch}` stands for the table. The words of
    `applies_when`, `otherwise` and `advice` are those of the suites; a warning has an advice.
    """

    id: str
    severity: str
    table: str
    reason: str
    query: str
    key: tuple[str, ...] = ()
    applies_when: str = ""
    otherwise: str = ""
    advice: str = ""


@dataclass(frozen=True)
class Job:
    """One design of one study, with the data prepared.

    `position` is the design's among all of the study, 0 for the first; `facts` are known beside the panel;
    `samples` are those that the method has asked for so far.
    """

    study: Study
    method: Method
    design: Any
    data: StudyData
    position: int = 0
    facts: Facts = NO_FACTS
    convention: Convention = DEFAULT_CONVENTION
    samples: list[Sample] = field(default_factory=list, repr=False, compare=False)

    @property
    def key(self) -> Row:
        """What every row of the common tables begins with."""
        return {"study": self.study.id, "method": self.method.key, "design": self.design.id}

    @property
    def where(self) -> str:
        """The design in messages."""
        return f"study {self.study.id}, {self.method.key} {self.design.id}"

    def sample(
        self, equation: Equation, shared: tuple[str, ...] = (), groups: Groups | None = None
    ) -> Sample:
        """The rows of an equation; `shared` are further names that a complete unit has."""
        names = tuple(dict.fromkeys((*shared, *equation.names)))
        at = f"{self.where}, column {equation.column_id}"
        self.samples.append(sample_of(self.data, equation, names, at, groups))
        return self.samples[-1]

    def balanced_sample(self, equation: Equation) -> tuple[Sample, int]:
        """The rows of units that have every year of the study, and how many units these leave out."""
        sample, left_out = balanced_sample(self.data, equation, self.where)
        self.samples.append(sample)
        return sample, left_out


@dataclass(frozen=True)
class Made:
    """Rows by table, and `evidence` that the referee works from, which isn't stored."""

    tables: Mapping[str, Sequence[Row] | pd.DataFrame]
    evidence: Any = None


@dataclass(frozen=True)
class Skipped:
    """These data can't answer the design: why, and rows that say more."""

    reason: str
    tables: Mapping[str, Sequence[Row] | pd.DataFrame] = field(default_factory=dict)


@dataclass(frozen=True)
class Failed:
    """The design could not be estimated although the data have what it asks for.

    `reason` is for people, `trace` for the log.
    """

    reason: str
    trace: str = ""


def _no_equation(_study: Study, _design: Any) -> tuple[Equation, ...]:
    return ()


def _no_problem(_study: Study, _design: Any) -> list[Problem]:
    return []


@dataclass(frozen=True)
class Method:
    """A way of estimating.

    key: name of its room and of its list of designs in a study file. title: for people. design: shape
    of one design. tables: its own, beside the common ones. needs: what a design reads. run: estimates a
    design; imports what is heavy when called. problems: what is wrong between keys, told before any
    data are read. check: rows of `reference_check`, from other code than `run`. rules: of the last gate,
    beyond those that follow from declarations. section: its part of the report. sources: what the
    numbers follow. was: keys that a study file had for it before. block: the equations of a design, where
    other designs may take one up by its name (`analysis.study.references`). equations: what is explained by
    what in a design, for what is asked of all equations (lineage). without_errors: why its designs have no key
    `errors` (`error_support`); empty where they have it.
    """

    key: str
    title: str
    design: type[BaseModel]
    tables: tuple[Table, ...]
    needs: Callable[[Study, Any], Needs]
    run: Callable[[Job], Made | Skipped]
    problems: Callable[[Study, Any], list[Problem]] = _no_problem
    check: Callable[[Job, Made], list[Row]] | None = None
    rules: tuple[GateRule, ...] = ()
    section: Callable[[], Any] | None = None
    sources: tuple[str, ...] = ()
    was: tuple[str, ...] = ()
    block: Callable[[Study, Any], Block] | None = None
    equations: Callable[[Study, Any], tuple[Equation, ...]] = _no_equation
    without_errors: str = ""


def estimate(job: Job) -> Made | Skipped | Failed:
    """Do a job and have it checked; never raises for a design that can't be estimated.

    Without a row of the study, or a value of its outcome, there is nothing to be asked of a method.
    """
    study = job.study
    try:
        if not len(job.data.rows):
            first, last = study.panel.years
            return Skipped(f"the panel has no row of the study in {first} to {last}")
        if not job.data.has(study.outcome.column):
            return Skipped(f"{study.outcome.column} has no value in this input")
        made = job.method.run(job)
        if isinstance(made, Skipped) or job.method.check is None:
            return made
        checked = {"reference_check": job.method.check(job, made)}
        return Made({**made.tables, **checked}, made.evidence)
    except Exception as error:  # whatever it is, it is this design's alone
        reason = str(error).removeprefix(f"{job.where}: ").removeprefix(f"{job.where}, ")
        if not isinstance(error, ValueError | ArithmeticError):
            reason = f"{type(error).__name__}: {reason}"
        return Failed(reason or type(error).__name__, traceback.format_exc())


__all__ = [
    "ESTIMATED",
    "FAILED",
    "SKIPPED",
    "Failed",
    "GateRule",
    "Job",
    "Made",
    "Method",
    "Problem",
    "Row",
    "Skipped",
    "estimate",
]
