"""Rules between the keys of a table of regressions.

Belongs here: what is told of a study file before any data are read. Does not belong here: shape and
types of keys (`spec`).
"""

from analysis.methods.error_support import problems_of_errors
from analysis.methods.regression.equations import block_of, outcome_of
from analysis.methods.regression.spec import RegressionColumn, RegressionTable
from analysis.study.rules import (
    Path,
    Problem,
    equation_problems,
    repeats,
    right_hand_side,
    unknown,
    unknown_name,
)
from analysis.study.spec import Study


def problems(study: Study, table: RegressionTable) -> list[Problem]:
    """What is wrong between the keys of a table: path within it, and what was expected."""
    found = repeats(("columns",), tuple(column.id for column in table.columns), "id")
    if table.outcome is not None:
        found += unknown_name(("outcome",), table.outcome, tuple(study.variables))
    if table.errors is not None:
        everywhere = {name for column in table.columns for name in column.regressors}
        found += problems_of_errors(study, "regression", table.errors, tuple(sorted(everywhere)))
    taken = {column.id for column in table.columns if column.split is None}
    for j, column in enumerate(table.columns):
        at: Path = ("columns", j)
        found += _column_problems(study, at, table, column)
        for k, level in enumerate(column.split.levels if column.split else ()):
            if level.id in taken:
                found.append(
                    (
                        (*at, "split", "levels", k, "id"),
                        f"a column of the table each once, found {level.id!r} again",
                    )
                )
            taken.add(level.id)
    return found + _published_problems(study, table)


def _column_problems(
    study: Study, at: Path, table: RegressionTable, column: RegressionColumn
) -> list[Problem]:
    found = unknown((*at, "regressors"), column.regressors, study.names)
    found += repeats((*at, "effects"), column.effects)
    if isinstance(column.controls, tuple):
        found += unknown((*at, "controls"), column.controls, right_hand_side(study))
    if column.outcome is not None:
        found += unknown_name((*at, "outcome"), column.outcome, tuple(study.variables))
    if column.errors is not None:
        found += problems_of_errors(
            study, "regression", column.errors, column.regressors, (*at, "errors")
        )
    if column.drawn_tests is not None and column.split is None:
        found.append(
            (
                (*at, "drawn_tests"),
                "a split beside it: drawn tests are of differences of its groups",
            )
        )
    only = RegressionTable(
        id=table.id, title=table.title, outcome=outcome_of(study, table, column), columns=(column,)
    )
    return found + equation_problems(study, at, block_of(study, only).equations[0])


def _published_problems(study: Study, table: RegressionTable) -> list[Problem]:
    """A printed column needs a printed table, and stands beside one column only."""
    found: list[Problem] = []
    seen: dict[int, str] = {}
    for j, column in enumerate(table.columns):
        at: Path = ("columns", j)
        levels = column.split.levels if column.split is not None else ()
        numbered = [(at, column.id, column.published_column)]
        numbered += [
            ((*at, "split", "levels", k), level.id, level.published_column)
            for k, level in enumerate(levels)
        ]
        for place, name, number in numbered:
            if number is None:
                continue
            if table.published is None:
                found.append(
                    (
                        (*place, "published_column"),
                        f"a key 'published' in table {table.id!r} that says which printed "
                        "table the column belongs to",
                    )
                )
            if number in seen:
                found.append(
                    (
                        (*place, "published_column"),
                        f"a printed column each once, found {number} in {seen[number]!r} and {name!r}",
                    )
                )
            seen[number] = name
    return found


__all__ = ["problems"]
