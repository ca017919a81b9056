"""Fixtures that every test may use."""

import os
from pathlib import Path

import pytest

REPO = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def repo_dir() -> Path:
    """The checkout."""
    return REPO


@pytest.fixture(scope="session")
def shared_dir() -> Path:
    """The folder of real files and references; skips the test where it is absent.

    In CI it must be there: an absent folder fails instead of skipping.
    """
    folder = Path(os.environ.get("CITYPANEL_SHARED", REPO.parent / "shared"))
    if not folder.is_dir():
        if os.environ.get("CI"):
            pytest.fail(f"CI must have the shared folder; looked at {folder}")
        pytest.skip(f"no folder of real files at {folder}; set CITYPANEL_SHARED")
    return folder
