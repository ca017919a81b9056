"""Check the style of SQL with sqlfluff, but only of files that it has not passed as they are.

Usage: python scripts/lint_sql.py FILE_OR_FOLDER ...

sqlfluff reads a file, its configuration (with the stand-ins for macros) and nothing else: what passed passes again
while text, configuration and version of sqlfluff are the same. What passed is kept beside the caches of the other
tools; a checkout without it checks everything. Exits as sqlfluff does.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

REPO = Path(__file__).resolve().parents[1]
CACHE = Path(".sqlfluff_cache") / "passed.json"
PROCESSES = "2"


def key_of(path: Path, basis: str) -> str:
    """What the outcome for a file depends on, as a hash; `basis` is that of configuration and version."""
    return hashlib.sha256(basis.encode() + b"\0" + path.read_bytes()).hexdigest()


def basis_of(folder: Path) -> str:
    """Hash of sqlfluff's version and of all its configuration in a checkout."""
    digest = hashlib.sha256(version("sqlfluff").encode())
    for path in sorted([*folder.glob(".sqlfluff*"), *folder.glob("dbt_project/**/.sqlfluff*")]):
        if path.is_file():
            digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def read_passed(cache: Path) -> dict[str, str]:
    """Keys of what has passed by path; none where the file is absent or broken."""
    try:
        return dict(json.loads(cache.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return {}


def lint(names: list[str], folder: Path) -> int:
    """sqlfluff on some files of a checkout, its words on the screen; its exit code."""
    command = [sys.executable, "-m", "sqlfluff", "lint", "--processes", PROCESSES, *names]
    return subprocess.run(command, cwd=folder, check=False).returncode


def main(places: list[str], folder: Path = REPO) -> int:
    """Lint what has not passed yet, and keep what passes."""
    files = sorted(
        path
        for place in places
        for path in (
            [folder / place] if place.endswith(".sql") else (folder / place).rglob("*.sql")
        )
    )
    if not files:
        print(f"no SQL below {', '.join(places)}", file=sys.stderr)
        return 2
    cache, basis = folder / CACHE, basis_of(folder)
    keys = {path.relative_to(folder).as_posix(): key_of(path, basis) for path in files}
    passed = read_passed(cache)
    changed = [name for name, key in keys.items() if passed.get(name) != key]
    code = lint(changed, folder) if changed else 0
    if code == 0:
        kept = {name: key for name, key in passed.items() if (folder / name).is_file()}
        cache.parent.mkdir(exist_ok=True)
        whole = cache.with_suffix(f".{os.getpid()}")
        whole.write_text(json.dumps(kept | keys, indent=1), encoding="utf-8")
        whole.replace(cache)
        print(f"sqlfluff: {len(files)} files pass, {len(changed)} of them read now")
    return code


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
