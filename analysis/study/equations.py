"""Equations: what is explained by what, in which rows, in the names of a study.

Belongs here: one equation as every method hands it to the data. Does not belong here: how the keys of
a method spell its equations out (the method's room), rows and values (`sample`).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from analysis.study.keys import Filters, Published, Split, SplitLevel
from analysis.study.marks import MARKS, SUSPECT
from analysis.study.spec import Policy, Study

_EFFECTS: dict[str, Literal["unit", "time"]] = {"city": "unit", "year": "time"}


def panel_effects(effects: Iterable[str]) -> tuple[Literal["unit", "time"], ...]:
    """Effects of a study file ("city", "year") in the words of the regressions."""
    return tuple(_EFFECTS[effect] for effect in effects)


@dataclass(frozen=True)
class Reading:
    """How an equation reads values otherwise than the study declares them; names stay the same.

    ``winsorise`` is the share of rows at either end of the outcome and of each control that take the
    value there. ``lag_controls`` is by how many years controls are taken earlier. ``policy`` is another
    rule of the study's treatment. ``leave_out`` has years since the first treated year, whose rows are
    left out. ``without_suspect`` leaves out rows of which a value rests on a figure that fails a check.
    """

    winsorise: float | None = None
    lag_controls: int = 0
    policy: Policy | None = None
    leave_out: tuple[int, ...] = ()
    without_suspect: bool = False


AS_DECLARED = Reading()


def rule_name(treatment: str, rule: Policy) -> str:
    """The column of the panel with a policy under another rule than the study's own."""
    return f"{treatment}_by_{rule.coverage}_{rule.timing}"


@dataclass(frozen=True)
class Equation:
    """One column to estimate.

    ``outcome`` is a variable's name, or the column of the study's outcome. ``needs`` names further
    variables without which a row is left out, so that equations can share their rows. ``split_id``,
    ``split`` and ``level`` say which group of cities it is for; all three are None without one.
    ``cluster`` is the column of its clusters, the study's where it is None. ``year_by`` is a column whose
    values have year effects of their own; ``city_trends`` gives each city a linear trend.
    """

    column_id: str
    label: str
    outcome: str
    regressors: tuple[str, ...]
    controls: tuple[str, ...]
    effects: tuple[str, ...]
    sample: Filters = ()
    needs: tuple[str, ...] = ()
    published_column: int | None = None
    split_id: str | None = None
    split: Split | None = None
    level: SplitLevel | None = None
    cluster: str | None = None
    year_by: str | None = None
    city_trends: bool = False
    reading: Reading = AS_DECLARED

    @property
    def terms(self) -> tuple[str, ...]:
        """Names of the right-hand side."""
        return (*self.regressors, *self.controls)

    @property
    def names(self) -> tuple[str, ...]:
        """All names that a row needs a value of, the outcome first, each once."""
        return tuple(dict.fromkeys((self.outcome, *self.terms, *self.needs)))

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of the panel that it reads beside its names: of filters, groups, clusters and marks."""
        read = [item.column for item in self.sample]
        read += [self.split.by] if self.split is not None else []
        read += [MARKS[SUSPECT]] if self.reading.without_suspect else []
        return (*read, *(name for name in (self.cluster, self.year_by) if name is not None))

    @property
    def effect_words(self) -> str:
        """Its effects, joined by +."""
        words = [
            f"year by {self.year_by}" if effect == "year" and self.year_by else effect
            for effect in self.effects
        ]
        return "+".join([*words, *(["city trends"] if self.city_trends else [])])


@dataclass(frozen=True)
class Block:
    """The equations of a design, printed beside each other, and the printed table they stand against."""

    id: str
    title: str
    equations: tuple[Equation, ...]
    published: Published | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """All names of the equations, each once: a complete city has them all."""
        return names_of(self.equations)


def cluster_of(study: Study, equation: Equation) -> str:
    """Column of the clusters of an equation."""
    return equation.cluster or study.cluster


def names_of(equations: Iterable[Equation]) -> tuple[str, ...]:
    """Names of some equations, each once."""
    return tuple(dict.fromkeys(name for equation in equations for name in equation.names))


__all__ = [
    "AS_DECLARED",
    "Block",
    "Equation",
    "Reading",
    "cluster_of",
    "names_of",
    "panel_effects",
    "rule_name",
]
