"""The equations of a study: each column that is estimated, spelt out from the study's keys.

Belongs here: a split's column per group, and the regressions of a mediation. Does not belong here:
the keys themselves (`spec`), data (`analysis.study.data`).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from analysis.study.spec import (
    TREATMENT,
    Column,
    Filters,
    Mediation,
    Published,
    Split,
    SplitLevel,
    Study,
    Table,
)

_EFFECTS: dict[str, Literal["unit", "time"]] = {"city": "unit", "year": "time"}


def panel_effects(effects: Iterable[str]) -> tuple[Literal["unit", "time"], ...]:
    """Effects of a study file ("city", "year") in the words of the regressions."""
    return tuple(_EFFECTS[effect] for effect in effects)


@dataclass(frozen=True)
class Equation:
    """One column to estimate.

    ``outcome`` is a variable's name, or the column of the study's outcome. ``needs`` names further
    variables without which a row is left out, so that equations can share their rows. ``split_id``,
    ``split`` and ``level`` say which group of cities it is for; all three are None without one.
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

    @property
    def terms(self) -> tuple[str, ...]:
        """Names of the right-hand side."""
        return (*self.regressors, *self.controls)

    @property
    def names(self) -> tuple[str, ...]:
        """All names that a row needs a value of, the outcome first, each once."""
        return tuple(dict.fromkeys((self.outcome, *self.terms, *self.needs)))


@dataclass(frozen=True)
class PrintedTable:
    """A table of the report: that of a study's `tables`, or the regressions of a mediation."""

    id: str
    title: str
    published: Published | None
    equations: tuple[Equation, ...]
    is_mediation: bool = False


def printed_tables(study: Study) -> tuple[PrintedTable, ...]:
    """Every table of a study, in the order in which they are printed."""
    tables = [
        PrintedTable(
            table.id,
            table.title,
            table.published,
            tuple(
                equation
                for column in table.columns
                for equation in _of_column(study, table, column)
            ),
        )
        for table in study.tables
    ]
    tables += [
        PrintedTable(
            design.id,
            design.title,
            design.published,
            tuple(_of_mediation(study, design)),
            is_mediation=True,
        )
        for design in study.mediation or ()
    ]
    return tuple(tables)


def _of_column(study: Study, table: Table, column: Column) -> Iterator[Equation]:
    equation = Equation(
        column_id=column.id,
        label=column.label,
        outcome=study.outcome_of(table, column),
        regressors=column.regressors,
        controls=study.controls_of(column),
        effects=column.effects,
        sample=column.sample,
        published_column=column.published_column,
    )
    if column.split is None:
        yield equation
        return
    for level in column.split.levels:
        yield replace(
            equation,
            column_id=level.id,
            label=level.label,
            published_column=level.published_column,
            split_id=column.id,
            split=column.split,
            level=level,
        )


def _of_mediation(study: Study, design: Mediation) -> Iterator[Equation]:
    """Total effect; by mediator the policy on it and the effect with it held; all held at once."""
    printed = design.published is not None
    total = Equation(
        column_id="1",
        label="Total effect",
        outcome=study.outcome.column,
        regressors=(TREATMENT,),
        controls=study.controls_of(design),
        effects=design.effects,
        published_column=1 if printed else None,
    )
    yield total
    for k, mediator in enumerate(design.mediators):
        first, second = 2 * k + 2, 2 * k + 3
        # Both on the rows that have outcome and mediator: else a and b aren't of one sample.
        yield replace(
            total,
            column_id=str(first),
            label="Policy on mediator",
            outcome=mediator,
            needs=(study.outcome.column,),
            published_column=first if printed else None,
        )
        yield replace(
            total,
            column_id=str(second),
            label="Mediator held",
            regressors=(TREATMENT, mediator),
            published_column=second if printed else None,
        )
    if design.joint is not None:
        yield replace(
            total,
            column_id=str(2 * len(design.mediators) + 2),
            label="Mediators held together",
            regressors=(TREATMENT, *design.joint),
            published_column=None,
        )


__all__ = ["Equation", "PrintedTable", "panel_effects", "printed_tables"]
