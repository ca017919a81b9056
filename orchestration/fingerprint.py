"""Fingerprints: what a release was made from, as hashes.

Belongs here: hashing files, the code and the whole of a refresh's input. Does not belong here:
comparing releases or deciding whether to refresh (`releases`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from orchestration.settings import REPO

CODE_PARTS = ("analysis", "dbt_project", "expectations", "orchestration", "seeds")
CODE_ENDINGS = {
    ".py",
    ".sql",
    ".yml",
    ".yaml",
    ".csv",
    ".html",
    ".css",
    ".j2",
    ".woff",
    ".otf",
    ".ttf",
}
LEFT_OUT = {"__pycache__", "target", "logs"}


def file_sha256(path: Path) -> str:
    """SHA-256 of a file's content, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def combine(parts: Iterable[tuple[str, str]]) -> str:
    """One hash of named hashes, whatever their order."""
    digest = hashlib.sha256()
    for name, value in sorted(parts):
        digest.update(f"{name}\0{value}\n".encode())
    return digest.hexdigest()


@cache
def _code() -> dict[str, str]:
    """All files that compute, by path, with the hash of each: Python, SQL, seeds, suites and the lock."""
    files = [REPO / "requirements.lock"]
    for part in CODE_PARTS:
        files += [
            path
            for path in (REPO / part).rglob("*")
            if path.suffix in CODE_ENDINGS and not LEFT_OUT.intersection(path.parts)
        ]
    return {path.relative_to(REPO).as_posix(): file_sha256(path) for path in files}


@cache
def code_version() -> str:
    """First 12 digits of the hash of all that computes: Python, SQL, seeds, suites and the lock."""
    return combine(_code().items())[:12]


def made_from(inputs: str) -> dict[str, dict[str, str]]:
    """What a release is made from, by part and name, with 12 digits of each hash.

    `inputs` is one hash of all files of the inbox, for the warehouse lists each.
    """
    parts: dict[str, dict[str, str]] = {
        "inputs": {"inputs": inputs[:12]},
        **{part: {} for part in ("seeds", "studies", "sql", "python", "lock")},
    }
    for name, value in _code().items():
        parts[_part(name)][name] = value[:12]
    return parts


def _part(name: str) -> str:
    """Which part of what a release is made from a file is."""
    if name == "requirements.lock":
        return "lock"
    if name.startswith("seeds/"):
        return "seeds"
    if name.startswith("analysis/studies/") and name.endswith(".yml"):
        return "studies"
    return "sql" if name.startswith("dbt_project/") else "python"


def refresh_fingerprint(inputs: Iterable[tuple[str, str]]) -> str:
    """The fingerprint of a refresh: its files by relative path and hash, and the code."""
    return combine(
        [*((f"input/{name}", value) for name, value in inputs), ("code", code_version())]
    )
