"""Tracing a released number back to the cells it came from.

One recursion: a number (`Key`) -> its value and how it was made (`Made`) -> the numbers that it was
made of (`Part`) -> cells. `names` finds the number that a reader asks for, `figures`, `scores` and
`attributes` say how each kind is made, and this module walks and prints.

Does not belong here: making any of it, or the command's arguments (`commands`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from orchestration.engine.protocol import Warehouse
from orchestration.engine.warehouse import open_release
from orchestration.errors import NotFound
from orchestration.trace import attributes, checks, figures, names, scores
from orchestration.trace.cell import cell_lines, is_cell_id
from orchestration.trace.number import Key, Made

__all__ = ["Key", "Made", "cell_lines", "is_cell_id", "made", "trace_lines"]

HOW: dict[str, Callable[[Warehouse, Key], Made]] = {
    "figure": figures.figure,
    "printed": figures.printed,
    "deflator": figures.deflator,
    "index": scores.index,
    "dimension": scores.index,
    "efficiency": scores.efficiency,
    "productivity": scores.productivity,
    "cumulated": scores.cumulated,
    "policy": attributes.policy,
    "did": attributes.did,
    "attribute": attributes.attribute,
}
"""How a number of each kind is made."""

LEVELS = {
    "index": 1,
    "dimension": 1,
    "efficiency": 2,
    "productivity": 1,
    "cumulated": 1,
    "attribute": 2,
}
"""Levels of numbers that are shown below one of this kind unless all are asked for; figures go down to cells."""


def made(connection: Warehouse, key: Key) -> Made:
    """The value of a number, and the steps that made it."""
    return HOW[key.kind](connection, key)


def trace_lines(
    warehouse: Path, city: str, year: int, name: str, scope: str | None = None, deep: bool = False
) -> Iterator[str]:
    """A number and its way, a line per step.

    Args:
        warehouse: DuckDB file of a release.
        city: Code, Chinese name, former or short name, or pinyin.
        year: Statistic year.
        name: Column of marts.city_year; code or name of an indicator; index, or dimension as
            `nqpf.laborers`; policy, `did` or `first_treated_year`.
        scope: total or districts, for indicators; None for what the name says.
        deep: Follow scores down to cells; without it they stop at what they were made of (LEVELS).

    Raises:
        NotFound: For an unknown city or name, and where there is neither a value nor anything it
            would be made of.
    """
    with open_release(warehouse) as connection:
        code, called = names.city(connection, city)
        cut = False
        for kind, number, part in names.numbers(connection, name, scope):
            key = Key(code, year, kind, number, part)
            asked = made(connection, key)
            if asked.value is None and not (asked.steps and attributes.has_row(connection, key)):
                raise NotFound(asked.told)
            yield f"{called} ({code}), {year}, {key.title}"
            levels = None if deep else LEVELS.get(kind)
            walk = _Walk(connection)
            yield from walk.lines(key, asked, "  ", levels)
            if kind == "figure":
                yield from (f"  {line}" for line in checks.passed(connection, key))
            cut = cut or walk.cut
        if cut:
            yield f"  to the cells: the same with --deep; one of them: citypanel trace {code} {year} NAME"


class _Walk:
    """The way of one number, in lines; what was shown in full before is not shown again."""

    def __init__(self, connection: Warehouse) -> None:
        self.connection = connection
        self.shown: set[tuple[Key, int | None]] = set()
        self.cut = False

    def lines(self, key: Key, number: Made, indent: str, levels: int | None) -> Iterator[str]:
        """The number and `levels` levels of numbers below it, all of them for None."""
        yield f"{indent}{number.line}"
        self.shown.add((key, levels))
        below = None if levels is None else levels - 1
        for step in number.steps:
            if isinstance(step, str):
                yield f"{indent}{step}"
                continue
            part = made(self.connection, step.key)
            if (step.key, below) in self.shown:
                yield f"{indent}{step.label}: {part.told}, as above"
            elif below == 0:
                self.cut = self.cut or bool(part.steps)
                yield f"{indent}{step.label}: {part.told}"
            else:
                yield f"{indent}{step.label}"
                yield from self.lines(step.key, part, indent + "  ", below)
