"""The shape of the code: how long a module and a function may be, and who asks whom.

Here: what ruff and import-linter can't say. Not here: style (ruff), the borders themselves (contracts
in `pyproject.toml`).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from docs_repository import REPO

LONGEST_MODULE, LONGEST_FUNCTION = 400, 80
"""Lines. What doesn't fit holds more than one concept, or hides one."""

PACKAGES = ("analysis", "expectations", "orchestration", "scripts")

SOLVERS = {
    "analysis/measures/efficiency/productivity.py:malmquist": "four programs per pair of years, which"
    " share their order and their progress",
    "analysis/methods/mediation/numbers.py:fit_mediation": "three equations on one sample, then one"
    " bootstrap that refits them together",
    "analysis/methods/threshold/numbers/bootstrap.py": "every scheme redraws the same arrays in place",
    "analysis/methods/threshold/numbers/panel.py:prepare_panel": "one pass from rows to sorted, centred"
    " arrays; each refusal needs what stands before it",
    "analysis/regression/panel.py:fit_panel": "one decomposition: estimates, covariance and tests read"
    " its parts, from design to fit",
}
"""Numerical solvers that are longer, and why: their steps share arrays that would have to be handed on."""


def modules() -> list[Path]:
    return sorted(path for package in PACKAGES for path in (REPO / package).rglob("*.py"))


def too_long() -> Iterator[tuple[str, int]]:
    """Modules as `path`, functions as `path:name`, with their lines."""
    for path in modules():
        name = path.relative_to(REPO).as_posix()
        text = path.read_text(encoding="utf-8")
        if text.count("\n") > LONGEST_MODULE:
            yield name, text.count("\n")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or 0) - node.lineno + 1
                if lines > LONGEST_FUNCTION:
                    yield f"{name}:{node.name}", lines


def test_modules_and_functions_are_short() -> None:
    longer = {name: lines for name, lines in too_long() if name not in SOLVERS}
    assert not longer, "split what is named, or, for a numerical solver, say above why it can't be"


def test_exceptions_are_needed() -> None:
    assert {*SOLVERS} - {name for name, _ in too_long()} == set()


# ---- who may ask the database

ASKING = {"execute", "executemany", "executescript", "sql", "cursor", "from_query"}
"""Calls by which a connection of DuckDB is asked."""

NOT_THE_ENGINE = [
    path
    for path in modules()
    if path.is_relative_to(REPO / "orchestration") and "engine" not in path.parts
]


@pytest.mark.parametrize("path", NOT_THE_ENGINE, ids=lambda path: path.relative_to(REPO).as_posix())
def test_rooms_ask_the_database_through_the_engine(path: Path) -> None:
    """The linter sees who imports DuckDB; a connection that was handed on it can't see."""
    asked = [
        f"line {node.lineno}: .{node.func.attr}(...)"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ASKING
    ]
    assert not asked, (
        "ask a Warehouse (orchestration/engine/protocol.py): rows, records, frame, run"
    )


# ---- rooms of methods

METHODS = REPO / "analysis" / "methods"
ROOMS = sorted(path.parent.name for path in METHODS.glob("*/__init__.py"))
MAY_IMPORT_ROOMS = {"registry.py"}
BUILDS_ON = {("sensitivity", "staggered")}
"""A room and the one whose results it is about: it analyses those event studies, whatever they are."""


def rooms_imported(path: Path) -> set[str]:
    """Rooms of methods that a module imports, at its head or later."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
    return {
        room
        for room in ROOMS
        for name in names
        if f"{name}.".startswith(f"analysis.methods.{room}.")
    }


def test_rooms_of_methods_are_independent_of_each_other() -> None:
    """A contract would have to name every room, and a new one would be one more place to think of.

    Rooms may share modules that stand beside them; these may not know a room, or two would meet there.
    """
    assert len(ROOMS) >= 3
    met = set()
    for path in METHODS.rglob("*.py"):
        name = path.relative_to(METHODS)
        if name.as_posix() not in MAY_IMPORT_ROOMS:
            own = name.parts[0] if len(name.parts) > 1 else name.as_posix()
            met |= {(own, room) for room in rooms_imported(path) - {own}}
    assert met == BUILDS_ON
