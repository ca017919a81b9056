"""Fixtures that every test may use."""

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

import orchestration  # noqa: F401  before numpy: it pins the kernels, here and in processes of tests

REPO = Path(__file__).resolve().parents[1]
PARSE = (
    "import sys; from pathlib import Path; from orchestration.refresh.dbt_runner import ensure_manifest;"
    "ensure_manifest(Path(sys.argv[1]))"
)

# The same examples at every run, however slow the machine: a run turns red because the code changed.
# New ones: `pytest --hypothesis-profile=search`.
settings.register_profile(
    "same", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("search", settings.get_profile("same"), derandomize=False)
settings.load_profile("same")


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


@pytest.fixture(scope="session")
def run_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all workers of this run of the tests share; make things in it under a lock."""
    root = tmp_path_factory.getbasetemp()
    return root.parent if os.environ.get("PYTEST_XDIST_WORKER") else root


@pytest.fixture(scope="session")
def new_state(run_dir: Path) -> Callable[[Path], Path]:
    """Makes a state folder of its own with the parse of the dbt project, which is made once per run."""
    parsed, done = run_dir / "parsed", run_dir / "parsed.done"

    def make(folder: Path) -> Path:
        with (run_dir / "parsed.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not done.exists():
                subprocess.run([sys.executable, "-c", PARSE, str(parsed)], check=True)
                done.touch()
        return shutil.copytree(parsed, folder, dirs_exist_ok=True)

    return make


@pytest.fixture(scope="session")
def demo():
    """A made-up release for the report; its frames by name."""
    from demo_report import make_demo

    return make_demo()


@pytest.fixture(scope="session")
def demo_with():
    """Build the demo with some facts or frames replaced."""
    from demo_report import make_demo

    return make_demo


@pytest.fixture(scope="session")
def demo_html(demo) -> str:
    """The page of the demo."""
    from demo_report import render_html

    return render_html(demo)
