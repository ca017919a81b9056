"""Releases that the end-to-end tests share: one of the sample, one of the real panels, one small.

Each is made once per run of the tests, whatever the number of workers.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest
from e2e_inbox import good_inbox
from e2e_process import CommandLine, Refreshed, made_once


@pytest.fixture(scope="session")
def citypanel(
    new_state: Callable[[Path], Path], tmp_path_factory: pytest.TempPathFactory
) -> CommandLine:
    """The command line."""
    return CommandLine(new_state(tmp_path_factory.mktemp("state")), tmp_path_factory.mktemp("said"))


@pytest.fixture(scope="session")
def sample(citypanel: CommandLine, run_dir: Path) -> Refreshed:
    """A release of the embedded sample."""

    def make(folder: Path) -> Refreshed:
        release = folder / "release"
        return Refreshed(citypanel.run("refresh", "--release", release), None, release)

    return made_once(run_dir, "sample", make)


@pytest.fixture(scope="session")
def real(citypanel: CommandLine, shared_dir: Path, run_dir: Path) -> Refreshed:
    """A release of the real panels."""

    def make(folder: Path) -> Refreshed:
        inbox, release = shared_dir / "yearbooks" / "panels", folder / "release"
        return Refreshed(citypanel.refresh(inbox, release), inbox, release)

    return made_once(run_dir, "real", make)


@pytest.fixture(scope="session")
def small(citypanel: CommandLine, run_dir: Path) -> Refreshed:
    """A release of one small workbook; tests must leave it as it is."""

    def make(folder: Path) -> Refreshed:
        inbox, release = good_inbox(folder / "inbox"), folder / "release"
        return Refreshed(citypanel.refresh(inbox, release), inbox, release)

    return made_once(run_dir, "small", make)


@pytest.fixture
def copy(small: Refreshed, tmp_path: Path) -> Refreshed:
    """The small release and its inbox, for a test to do with what it likes."""
    shutil.copytree(small.release, tmp_path / "release", symlinks=True)
    assert small.inbox is not None
    shutil.copytree(small.inbox, tmp_path / "inbox")
    return Refreshed(small.finished, tmp_path / "inbox", tmp_path / "release")


def _open(release: Refreshed) -> Iterator[duckdb.DuckDBPyConnection]:
    connection = duckdb.connect(str(release.warehouse), read_only=True)
    yield connection
    connection.close()


@pytest.fixture(scope="session")
def sample_db(sample: Refreshed) -> Iterator[duckdb.DuckDBPyConnection]:
    """The sample's warehouse, read-only."""
    yield from _open(sample)


@pytest.fixture(scope="session")
def real_db(real: Refreshed) -> Iterator[duckdb.DuckDBPyConnection]:
    """The real panels' warehouse, read-only."""
    yield from _open(real)
