"""One parse of the project for all tests of this folder; each inbox gets a warehouse of its own."""

from collections.abc import Callable
from pathlib import Path

import pytest
from layouts_warehouse import Resolved, resolve_inbox

from orchestration.refresh.dbt_runner import BUILT_FILE


@pytest.fixture(scope="session")
def resolve(
    new_state: Callable[[Path], Path], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[Path], Resolved]:
    """Resolve an inbox."""
    state = new_state(tmp_path_factory.mktemp("layouts_state"))

    def run(inbox: Path) -> Resolved:
        return resolve_inbox(inbox, state, tmp_path_factory.mktemp("layouts") / BUILT_FILE)

    return run
