"""The repository speaks of the project alone: no folder of a machine, no address of a registry."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from docs_repository import name_of, repository_files

# Written in pieces, so that this file passes itself.
TRACES = {
    "home folder": re.compile(r"(?<![\w.])/(?:ho" + r"me|Us" + r"ers)/[a-z_][\w.-]*/"),
    "root's folder": re.compile(r"(?<![\w.])/ro" + r"ot/[\w.]"),
    "working folder": re.compile(r"(?<![\w./*-])/wo" + r"rk/[\w.]"),
    "scratch folder": re.compile(r"/tm" + r"p/x/"),
    "registry option": re.compile(r"--(?:extra-)?ind" + r"ex-url[ =]\S"),
    "registry setting": re.compile(r"(?:PIP|UV)_(?:EXTRA_|DEFAULT_)?IND" + r"EX(?:_URL)?\s*="),
    "registry address": re.compile(
        r"https?://[^\s\"'<>)]*(?:/sim"
        + r"ple\b|py"
        + r"pi\.|pythonho"
        + r"sted|art"
        + r"ifactory|/ne"
        + r"xus)"
    ),
}
BINARY = {".otf", ".png", ".xlsx", ".xls", ".parquet", ".dta", ".woff", ".ttf", ".gz"}


def readable() -> list[Path]:
    return [path for path in repository_files() if path.suffix not in BINARY]


def test_most_files_are_looked_at() -> None:
    assert len(readable()) > 100


@pytest.mark.parametrize("trace", TRACES)
def test_no_trace_of_a_machine(trace: str) -> None:
    found = []
    for path in readable():
        text = path.read_bytes().decode("utf-8", errors="replace")
        for match in TRACES[trace].finditer(text):
            line = text.count("\n", 0, match.start()) + 1
            found.append(f"{name_of(path)}:{line}: {match.group(0)}")
    assert found == []


@pytest.mark.parametrize(
    ("trace", "text"),
    [
        ("home folder", "see /ho" + "me/anna/data"),
        ("root's folder", "/ro" + "ot/.config"),
        ("working folder", "cd /wo" + "rk/main"),
        ("scratch folder", "/tm" + "p/x/rel"),
        ("registry option", "pip install --ind" + "ex-url https://example.org"),
        ("registry setting", "PIP_IND" + "EX_URL=https://example.org"),
        ("registry address", "https://packages.example.org/sim" + "ple"),
    ],
)
def test_a_trace_would_be_found(trace: str, text: str) -> None:
    assert TRACES[trace].search(text)
