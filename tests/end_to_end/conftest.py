"""Releases that the end-to-end tests share: one of the sample, one of the real panels, one small.

Modules that use the same release carry the same `xdist_group`, so that it is made once.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from e2e_inbox import good_inbox
from e2e_process import CommandLine, Refreshed


@pytest.fixture(scope="session")
def citypanel(tmp_path_factory: pytest.TempPathFactory) -> CommandLine:
    """The command line."""
    return CommandLine(tmp_path_factory.mktemp("state"), tmp_path_factory.mktemp("said"))


@pytest.fixture(scope="session")
def sample(citypanel: CommandLine, tmp_path_factory: pytest.TempPathFactory) -> Refreshed:
    """A release of the embedded sample."""
    release = tmp_path_factory.mktemp("sample_release")
    finished = citypanel.run("refresh", "--release", release)
    assert finished.code == 0, finished.said
    return Refreshed(finished, None, release)


@pytest.fixture(scope="session")
def real(
    citypanel: CommandLine, shared_dir: Path, tmp_path_factory: pytest.TempPathFactory
) -> Refreshed:
    """A release of the real panels."""
    release = tmp_path_factory.mktemp("real_release")
    inbox = shared_dir / "yearbooks" / "panels"
    finished = citypanel.refresh(inbox, release)
    assert finished.code == 0, finished.said
    return Refreshed(finished, inbox, release)


@pytest.fixture(scope="session")
def small(citypanel: CommandLine, tmp_path_factory: pytest.TempPathFactory) -> Refreshed:
    """A release of one small workbook; tests must leave it as it is."""
    folder = tmp_path_factory.mktemp("small")
    inbox = good_inbox(folder / "inbox")
    finished = citypanel.refresh(inbox, folder / "release")
    assert finished.code == 0, finished.said
    return Refreshed(finished, inbox, folder / "release")


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
