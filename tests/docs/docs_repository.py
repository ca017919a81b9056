"""Files of the repository as the tests of the docs read them."""

from __future__ import annotations

import re
import subprocess
from functools import cache
from pathlib import Path

REPO = Path(__file__).resolve().parents[2]
FENCE = re.compile(r"^```([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@cache
def repository_files() -> tuple[Path, ...]:
    """Every file that is in the repository or would be with `git add`."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=REPO,
        check=True,
        capture_output=True,
    ).stdout.decode()
    return tuple(path for name in listed.split("\0") if name and (path := REPO / name).is_file())


def pages() -> list[Path]:
    """All Markdown pages."""
    return [path for path in repository_files() if path.suffix == ".md"]


def name_of(path: Path) -> str:
    """A path as the repository names it."""
    return path.relative_to(REPO).as_posix()


def read(path: Path) -> str:
    """A file's text."""
    return path.read_text(encoding="utf-8")


def prose(path: Path) -> str:
    """A page without its code blocks."""
    return FENCE.sub("", read(path))
