"""The verbs of the command line: which there are, what they take, and what is said of an error."""

from __future__ import annotations

import argparse
import importlib
import pkgutil
import subprocess
import sys
from typing import Any

import pytest

from orchestration import commands
from orchestration.commands import main as command_line
from orchestration.commands.registry import VERBS
from orchestration.commands.verb import Verb
from orchestration.engine.protocol import UnknownName, WarehouseError
from orchestration.errors import FAILED, INTERRUPTED, MISUSED, CitypanelError, NotFound
from orchestration.landing.inbox import InboxError
from orchestration.landing.reading import UnreadableFile
from orchestration.refresh.dbt_runner import DbtFailure
from orchestration.refresh.preflight import PreflightError
from orchestration.releases.manifest import ReleaseError
from orchestration.settings import SettingsError

TAKEN = {
    "refresh": ["--inbox", "--release", "--force"],
    "status": ["--release"],
    "vintages": ["--release", "--json", "--log"],
    "diff": ["before", "after", "--to", "--release"],
    "publish": ["name", "--reject", "--release", "--by", "--why"],
    "rollback": ["--to", "--release", "--by", "--why"],
    "prune": ["--release", "--keep", "--do"],
    "warnings": ["--rule", "--seed", "--release"],
    "trace": ["city", "year", "name", "--scope", "--deep", "--release"],
    "report": ["--to", "--release"],
    "export": ["table", "--format", "--to", "--city", "--years", "--column", "--only", "--release"],
    "study check": ["file", "--release"],
    "study run": ["file", "--method", "--to", "--release"],
    "headings suggest": ["file", "--inbox", "--as"],
    "counts write": ["input", "--release"],
    "counts check": ["input", "--release"],
    "audit": ["tables", "--decimals", "--to", "--release"],
}
"""What scripts and pages of other people rely on."""


def taken(parser: argparse.ArgumentParser, verb: str = "") -> dict[str, list[str]]:
    """Arguments by verb, as the parser knows them."""
    found: dict[str, list[str]] = {}
    own = []
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, below in action.choices.items():
                found |= taken(below, f"{verb} {name}".strip())
        elif action.dest != "help":
            own += action.option_strings or [action.dest]
    return found or {verb: own}


def test_verbs_and_what_they_take() -> None:
    assert taken(command_line.parser()) == TAKEN


def test_every_module_with_a_verb_is_registered() -> None:
    declared = [
        value
        for module in pkgutil.iter_modules(commands.__path__)
        for value in vars(importlib.import_module(f"orchestration.commands.{module.name}")).values()
        if isinstance(value, Verb) and module.name not in ("registry", "main")
    ]
    assert sorted(verb.name for verb in declared) == sorted(verb.name for verb in VERBS)


def test_asking_for_help_imports_nothing_heavy() -> None:
    heavy = (
        "dagster",
        "dbt",
        "duckdb",
        "great_expectations",
        "linearmodels",
        "matplotlib",
        "pandas",
    )
    program = (
        "import sys; from orchestration.commands.main import parser; parser();"
        f"print([name for name in {heavy!r} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def failing(error: BaseException) -> tuple[Verb, ...]:
    def run(*_: Any) -> int:
        raise error

    return (Verb("toy", "fails", lambda parser: None, run),)


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (CitypanelError("base"), MISUSED, "base"),
        (NotFound("no city"), MISUSED, "no city"),
        (InboxError("inbox"), MISUSED, "inbox"),
        (PreflightError("study"), MISUSED, "study"),
        (ReleaseError("release"), MISUSED, "release"),
        (SettingsError("memory"), MISUSED, "memory"),
        (WarehouseError("file"), MISUSED, "file"),
        (UnknownName("column"), MISUSED, "column"),
        (UnreadableFile("empty", "page.xlsx"), MISUSED, "page.xlsx"),
        (DbtFailure("model"), FAILED, "model"),
        (
            PermissionError(13, "Permission denied", "/place"),
            FAILED,
            "/place: Permission denied; check",
        ),
        (KeyboardInterrupt(), INTERRUPTED, "interrupted; the last release stands"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else "",
)
def test_an_error_is_a_message_and_a_code(
    error: BaseException, code: int, words: str,
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.setattr(command_line, "VERBS", failing(error))
    assert command_line.main(["toy"]) == code
    assert capsys.readouterr().err.startswith(f"citypanel toy: {words}")


@pytest.mark.parametrize("error", [KeyError("typo"), ValueError("fault"), AssertionError("fault")])
def test_a_fault_of_the_program_is_shown_as_one(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command_line, "VERBS", failing(error))
    with pytest.raises(type(error)):
        command_line.main(["toy"])


def subclasses(base: type) -> set[type]:
    return {base, *(one for below in base.__subclasses__() for one in subclasses(below))}


def test_errors_of_the_rooms_have_one_base() -> None:
    """An exception class of these rooms that is no `CitypanelError` would end as a traceback."""
    import orchestration

    rooms = ("commands", "engine", "headings", "landing", "refresh", "releases", "trace")
    found = set()
    for module in pkgutil.walk_packages(orchestration.__path__, "orchestration."):
        if module.name.split(".")[1] in rooms:
            found |= {
                value
                for value in vars(importlib.import_module(module.name)).values()
                if isinstance(value, type)
                and issubclass(value, Exception)
                and value.__module__.startswith("orchestration.")
            }
    assert len(found) > 8
    assert found <= subclasses(CitypanelError)


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (["trace", "420600", "2015"], "expected a city, a year and a name"),
        (["trace", "000000000000!0!A1", "2015"], "the id of a cell stands alone"),
    ],
)
def test_a_trace_of_neither_value_nor_cell_is_told(
    call: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command_line.main(call) == MISUSED
    assert told in capsys.readouterr().err
