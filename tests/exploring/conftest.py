"""An explorer of a made-up warehouse, and a browser that opens it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from driven_browser import BROWSERS, DrivenBrowser, installed

from orchestration.engine.protocol import Warehouse
from orchestration.engine.warehouse import open_release, open_warehouse
from orchestration.exploring import write_explorer

STATEMENTS = Path(__file__).with_name("demo_warehouse.sql")


@pytest.fixture(scope="session")
def demo_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The warehouse's file."""
    path = tmp_path_factory.mktemp("demo") / "warehouse.duckdb"
    with open_warehouse(path) as warehouse:
        warehouse.run(STATEMENTS.read_text(encoding="utf-8"))
    return path


@pytest.fixture
def demo_warehouse(demo_file: Path) -> Iterator[Warehouse]:
    """The warehouse, read-only as a release's."""
    with open_release(demo_file) as warehouse:
        yield warehouse


@pytest.fixture(scope="session")
def explorer(demo_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of its explorer."""
    folder = tmp_path_factory.mktemp("release") / "explorer"
    with open_release(demo_file) as warehouse:
        write_explorer(warehouse, folder)
    return folder


@pytest.fixture(scope="session")
def driven(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DrivenBrowser]:
    """A browser; without one the test is skipped, but not in CI."""
    program = installed()
    if program is None:
        if os.environ.get("CI"):
            pytest.fail(f"CI must have a browser; none of {BROWSERS} is on the PATH")
        pytest.skip(f"no browser: none of {BROWSERS} is on the PATH")
    browser = DrivenBrowser(program, tmp_path_factory.mktemp("profile"))
    yield browser
    browser.close()
