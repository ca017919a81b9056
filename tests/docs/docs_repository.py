"""Files of the repository as the tests of the docs read them."""

from __future__ import annotations

import re
import subprocess
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

REPO = Path(__file__).resolve().parents[2]
FENCE = re.compile(r"^```([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@cache
def repository_files() -> tuple[Path, ...]:
    """Every file that is in the repository or would be with `git add`."""
    if not (REPO / ".git").exists():  # unpacked from an archive
        return tuple(path for path in sorted(REPO.rglob("*")) if path.is_file() and _is_ours(path))
    # A checkout may belong to another user than the one who runs the tests.
    listed = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=REPO,
        check=True,
        capture_output=True,
    ).stdout.decode()  # fmt: skip
    return tuple(path for name in listed.split("\0") if name and (path := REPO / name).is_file())


def _is_ours(path: Path) -> bool:
    """Whether .gitignore, of which only names and whole paths are understood, leaves a file in."""
    name = path.relative_to(REPO).as_posix()
    folders = [f"{parent}/" for parent in Path(name).parents]
    for rule in read(REPO / ".gitignore").split():
        whole = rule.lstrip("/")
        if name == whole or any(folder.startswith(whole) for folder in folders):
            return False
        if "/" not in rule.rstrip("/") and any(
            fnmatch(part, rule.rstrip("/")) for part in Path(name).parts
        ):
            return False
    return True


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
