"""The equations of a table of regressions: each column that is estimated, spelt out from its keys.

Belongs here: a split's column per group. Does not belong here: the keys themselves (`spec`), data.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from analysis.methods.regression.spec import RegressionColumn, RegressionTable
from analysis.study.equations import Block, Equation
from analysis.study.spec import Study


def block_of(study: Study, table: RegressionTable) -> Block:
    """The equations of a table, in the order in which they are printed."""
    equations = (each for column in table.columns for each in _of_column(study, table, column))
    return Block(table.id, table.title, tuple(equations), table.published)


def outcome_of(study: Study, table: RegressionTable, column: RegressionColumn) -> str:
    """Name of what a column explains: a variable, or the study's outcome by its column."""
    return column.outcome or table.outcome or study.outcome.column


def errors_of(table: RegressionTable) -> dict[str, tuple[Any, ...]]:
    """Further errors by column: its own, or else those of the table."""
    return {
        column.id: (column.errors if column.errors is not None else table.errors) or ()
        for column in table.columns
    }


def _of_column(
    study: Study, table: RegressionTable, column: RegressionColumn
) -> Iterator[Equation]:
    equation = Equation(
        column_id=column.id,
        label=column.label,
        outcome=outcome_of(study, table, column),
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


__all__ = ["block_of", "errors_of", "outcome_of"]
