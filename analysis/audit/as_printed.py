"""A table as a journal sets it: terms down, columns across, brackets in the row below.

Belongs here: reading such a table, and finding out what the brackets hold. Does not belong here: files of
one row per number (`reading`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from analysis.audit.printed import Printed
from analysis.audit.significance import fits, p_range, scheme_of
from analysis.audit.tables import ENTITY, TIME, Cell, PrintedColumn

BRACKETS = re.compile(r"^[(\[（](.+)[)\]）]$")
STARRED = re.compile(r"^(.*?)(\*{0,4})$")

STATISTICS = {
    "n": "n",
    "obs": "n",
    "observations": "n",
    "观测值": "n",
    "样本量": "n",
    "r2": "r2",
    "r²": "r2",
    "r^2": "r2",
    "r-squared": "r2",
    "f": "f",
    "f值": "f",
    "cities": "cities",
    "years": "years",
    "clusters": "clusters",
}
EFFECTS = {
    "city effects": ENTITY,
    "individual effects": ENTITY,
    "unit effects": ENTITY,
    "城市固定效应": ENTITY,
    "个体固定效应": ENTITY,
    "year effects": TIME,
    "time effects": TIME,
    "年份固定效应": TIME,
    "时间固定效应": TIME,
}
YES = frozenset({"yes", "y", "是", "√", "✓"})


def read_as_printed(rows: Sequence[Sequence[str]], table: str, where: str) -> list[PrintedColumn]:
    """The columns of one table; what its brackets hold, t or standard errors, is what fits the stars best."""
    width = max(len(row) for row in rows)
    cells = [[cell.strip() for cell in row] + [""] * (width - len(row)) for row in rows]
    columns = []
    for position in range(1, width):
        column = [(row[0], row[position]) for row in cells]
        columns.append((column[0][1] or f"({position})", column[1:]))
    as_t, as_error = (
        [_column(table, name, rows_of, kind) for name, rows_of in columns]
        for kind in ("t_value", "std_error")
    )
    return as_t if _misfits(as_t) <= _misfits(as_error) else as_error


def _column(table: str, name: str, rows: Sequence[tuple[str, str]], kind: str) -> PrintedColumn:
    found: list[Cell] = []
    statistics: dict[str, Printed] = {}
    effects: set[str] | None = None
    for label, text in rows:
        key = label.lower()
        if key in EFFECTS:
            effects = (effects or set()) | ({EFFECTS[key]} if text.lower() in YES else set())
        elif key in STATISTICS:
            if (number := Printed.read(text)) is not None:
                statistics[STATISTICS[key]] = number
        elif bracketed := BRACKETS.match(text):
            number = Printed.read(bracketed[1])
            if number is not None and found:
                last = found[-1]
                found[-1] = Cell(last.term, last.estimate, stars=last.stars, **{kind: number})
        elif (starred := STARRED.match(text)) and (number := Printed.read(starred[1])) is not None:
            found.append(Cell(label, number, stars=len(starred[2])))
    absorbed = None if effects is None else frozenset(effects)
    return PrintedColumn(table, name, name, tuple(found), statistics, effects=absorbed)


def _misfits(columns: Sequence[PrintedColumn]) -> int:
    """Cells whose stars don't follow from t, under the scheme that fits best, or whose signs don't fit."""
    cells = [cell for column in columns for cell in column.cells]
    odd = sum(
        (cell.t_value is not None and cell.t_value.value * cell.estimate.value < 0)
        or (cell.std_error is not None and cell.std_error.value < 0)
        for cell in cells
    )
    scheme = scheme_of(columns)
    if scheme is None:
        return odd
    return odd + sum(
        cell.stars is not None
        and cell.t_interval is not None
        and not fits(cell.stars, p_range(cell.t_interval, column), scheme)
        for column in columns
        for cell in column.cells
    )
