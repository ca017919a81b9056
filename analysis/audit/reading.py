"""Printed tables out of CSV files, long or as a journal sets them.

Belongs here: which headings mean what, and putting rows of several files together. Does not belong here:
what is made of the numbers.

A file is told by its headings: `term` and `estimate` (a row per coefficient), `statistic` and `value` (a
row per number below a table), `weight` (a row per component), `bootstrap_draws` and `p_value` (a row per
test). Any other is a table as printed: terms down, columns across, brackets in the row below.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from analysis.audit.as_printed import read_as_printed
from analysis.audit.printed import Printed
from analysis.audit.tables import (
    ENTITY,
    TIME,
    Cell,
    PrintedColumn,
    PrintedTables,
    PrintedTest,
    PrintedWeight,
)


class AuditInputError(ValueError):
    """A file that can't be read as a table; the message names file, row and what was expected."""


NUMBERS = ("std_error", "t_value", "p_value", "ci_low", "ci_high")
ALSO = {
    "std_error_printed": "std_error",
    "statistic_value": "t_value",
    "t": "t_value",
    "se": "std_error",
}
"""Other headings that are met for the same numbers."""

WORDS = ("outcome", "effects", "split", "model")
"""Statistics that are words."""

STATISTIC_NAMES = {
    "observations": "n",
    "obs": "n",
    "r-squared": "r2",
    "r_squared": "r2",
    "f_statistic": "f",
    "f-statistic": "f",
    "clusters_n": "clusters",
}
EFFECT_KINDS = {
    "city": ENTITY,
    "individual": ENTITY,
    "unit": ENTITY,
    "entity": ENTITY,
    "firm": ENTITY,
    "year": TIME,
    "time": TIME,
}


@dataclass
class _Draft:
    """A column while its rows are read."""

    label: str = ""
    cells: list[Cell] = field(default_factory=list)
    statistics: dict[str, Printed] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)


def read_tables(files: Sequence[Path], decimals: int | None = None) -> PrintedTables:
    """The tables of all files together.

    `decimals` is what the table prints, where a file lost the noughts at the end (.09 for .090). Raises
    AuditInputError, naming file and row.
    """
    drafts: dict[tuple[str, str], _Draft] = {}
    weights: list[PrintedWeight] = []
    tests: list[PrintedTest] = []
    printed: list[PrintedColumn] = []
    for path in files:
        rows = _rows(path)
        headings = [ALSO.get(name, name) for name in (cell.strip().lower() for cell in rows[0])]
        if len(set(headings)) < len(headings):
            raise AuditInputError(f"{path}, row 1: a heading stands twice; name each column once")
        records = [
            (number, dict(zip(headings, (cell.strip() for cell in row), strict=False)))
            for number, row in enumerate(rows[1:], start=2)
            if any(cell.strip() for cell in row)
        ]
        known = set(headings)
        if {"term", "estimate"} <= known:
            for number, row in records:
                _coefficient(drafts, row, f"{path}, row {number}", decimals)
        elif {"statistic", "value"} <= known:
            for number, row in records:
                _statistic(drafts, row, f"{path}, row {number}")
        elif "weight" in known:
            weights += [_weight(row, path, number) for number, row in records]
        elif {"p_value", "bootstrap_draws"} <= known:
            tests += [_test(row, path, number) for number, row in records]
        else:
            printed += read_as_printed(rows, path.stem, str(path))
    columns = [_column(key, draft) for key, draft in drafts.items()]
    if not (columns or weights or tests or printed):
        raise AuditInputError(f"no table in {', '.join(str(path) for path in files)}")
    return PrintedTables((*columns, *printed), tuple(weights), tuple(tests))


def _rows(path: Path) -> list[list[str]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise AuditInputError(f"{path} is no UTF-8 text: save it as CSV (UTF-8)") from error
    except OSError as error:
        raise AuditInputError(f"{path} can't be read: {error.strerror}") from error
    rows = list(csv.reader(text.splitlines()))
    if not rows:
        raise AuditInputError(f"{path} is empty; expected a table")
    return rows


def _coefficient(
    drafts: dict[tuple[str, str], _Draft], row: dict[str, str], where: str, decimals: int | None
) -> None:
    draft = _draft(drafts, row, where)
    draft.label = draft.label or row.get("label", "")
    for word in WORDS:
        if row.get(word):
            draft.words[word] = row[word]
    estimate = _number(row["estimate"], where, "estimate", decimals)
    if estimate is None:
        return
    numbers = {name: _number(row.get(name, ""), where, name, decimals) for name in NUMBERS}
    stars = row.get("stars", "")
    if stars.strip("*"):
        raise AuditInputError(f"{where}, column stars: {stars!r}; expected * alone, or nothing")
    draft.cells.append(Cell(row["term"], estimate, **numbers, stars=len(stars)))


def _statistic(drafts: dict[tuple[str, str], _Draft], row: dict[str, str], where: str) -> None:
    draft = _draft(drafts, row, where)
    name = row["statistic"].lower()
    name = STATISTIC_NAMES.get(name, name)
    if name in WORDS:
        draft.words[name] = row["value"]
        return
    number = _number(row["value"], where, name, None)
    if number is not None:
        draft.statistics[name] = number


def _draft(drafts: dict[tuple[str, str], _Draft], row: dict[str, str], where: str) -> _Draft:
    if "column" not in row:
        raise AuditInputError(f"{where}: no heading `column`; say which column of the table it is")
    return drafts.setdefault((row.get("table", "1"), row["column"]), _Draft())


def _number(text: str, where: str, name: str, decimals: int | None) -> Printed | None:
    if not text:
        return None
    number = Printed.read(text, decimals)
    if number is None:
        raise AuditInputError(f"{where}, column {name}: {text!r} is no number")
    return number


def _weight(row: dict[str, str], path: Path, number: int) -> PrintedWeight:
    where = f"{path}, row {number}"
    weight = _number(row["weight"], where, "weight", None)
    if weight is None:
        raise AuditInputError(f"{where}, column weight: empty; expected a number")
    name = row.get("indicator") or row.get("component") or f"row {number}"
    return PrintedWeight(row.get("index") or path.stem, name, weight)


def _test(row: dict[str, str], path: Path, number: int) -> PrintedTest:
    where = f"{path}, row {number}"
    p_value = _number(row["p_value"], where, "p_value", None)
    draws = row["bootstrap_draws"]
    if p_value is None or not draws.isdigit() or int(draws) < 1:
        raise AuditInputError(f"{where}: expected a p value and a whole number of draws")
    return PrintedTest(f"{path.name}, row {number}", p_value, int(draws))


def _column(key: tuple[str, str], draft: _Draft) -> PrintedColumn:
    words = draft.words
    effects = words.get("effects")
    return PrintedColumn(
        *key,
        draft.label,
        tuple(draft.cells),
        draft.statistics,
        outcome=words.get("outcome"),
        effects=None if effects is None else _effects(effects.replace("+", ";").split(";")),
        split=words.get("split"),
        model=words.get("model"),
    )


def _effects(names: Iterable[str]) -> frozenset[str]:
    plain = (name.strip().lower() for name in names)
    return frozenset(EFFECT_KINDS.get(name, name) for name in plain if name and name != "none")
