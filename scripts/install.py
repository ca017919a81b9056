"""Make `.venv` from the lock file: names, versions and hashes, bytecode compiled, the project itself last.

Run by `make`; needs nothing but Python. Uses uv for speed and plain pip where uv can't reach the
package registry (pip may be configured for a registry that uv knows nothing of).
"""

from __future__ import annotations

import compileall
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

REPO = Path(__file__).resolve().parents[1]
VENV = REPO / ".venv"
LOCK = REPO / "requirements.lock"
STAMP = VENV / "installed"
SUPPORTED = ((3, 11), (3, 13))
PATIENCE = {"UV_HTTP_TIMEOUT": "300", "PIP_DEFAULT_TIMEOUT": "60"}
"""Seconds without an answer from the package registry before it counts as out of reach."""


def wanted() -> str:
    """What an installation depends on, as one hash."""
    digest = hashlib.sha256(sys.version.encode())
    digest.update(str(VENV).encode())  # its scripts name it: a copied or moved one runs other code
    for path in (LOCK, REPO / "pyproject.toml"):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def run(*command: str | Path) -> None:
    """Run a command; raises CalledProcessError."""
    subprocess.run([str(part) for part in command], check=True, cwd=REPO)


def locked(package: str) -> str:
    """The lines of the lock for one package, hashes included."""
    found = re.search(rf"^{package}==.*?(?=^\S|\Z)", LOCK.read_text(encoding="utf-8"), re.M | re.S)
    if found is None:
        sys.exit(f"{LOCK.name} has no {package}: make it anew with `make lock`")
    return found.group(0)


def is_installed() -> bool:
    """Whether what is there was made here, from the same lock and Python, and still has its Python."""
    return (
        STAMP.is_file()
        and STAMP.read_text(encoding="utf-8") == wanted()
        and (VENV / "bin" / "python").exists()
    )


def make_venv() -> Path:
    """A new virtual environment; its Python."""
    # Not the Python of the environment that goes, where that is the one that runs this.
    python = getattr(sys, "_base_executable", sys.executable)
    shutil.rmtree(VENV, ignore_errors=True)
    try:
        run(python, "-m", "venv", VENV)
    except subprocess.CalledProcessError:
        shutil.rmtree(VENV, ignore_errors=True)
        sys.exit(
            "Python's venv module doesn't work here; on Debian and Ubuntu install it with:"
            " apt-get install python3-venv"
        )
    return VENV / "bin" / "python"


def can_cache(uv: Path) -> bool:
    """Whether uv's cache can be written to; without it uv would not even begin."""
    said = subprocess.run([str(uv), "cache", "dir"], capture_output=True, text=True, check=True)
    folder = Path(said.stdout.strip())
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(folder, os.W_OK)


def install_locked(python: Path) -> None:
    """All packages of the lock, each checked against its hash."""
    pip = [python, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    with tempfile.TemporaryDirectory() as folder:
        only_uv = Path(folder) / "uv.txt"
        only_uv.write_text(locked("uv"), encoding="utf-8")
        run(*pip, "install", "--require-hashes", "-r", only_uv)
    if not can_cache(VENV / "bin" / "uv"):
        os.environ["UV_NO_CACHE"] = "1"
    try:
        run(
            VENV / "bin" / "uv", "pip", "sync", "--quiet", "--python", python,
            "--require-hashes", "--compile-bytecode", LOCK,
        )  # fmt: skip
    except subprocess.CalledProcessError:
        print("uv could not install the lock; trying with pip", flush=True)
        # The lock is whole; pip would look for hashes of what a package asks for by an extra.
        run(*pip, "install", "--no-deps", "--require-hashes", "--compile", "-r", LOCK)


def install_project(python: Path) -> None:
    """The project itself, editable, without its dependencies."""
    uv = VENV / "bin" / "uv"
    try:
        run(
            uv,
            "pip",
            "install",
            "--quiet",
            "--python",
            python,
            "--no-deps",
            "--no-build-isolation",
            "-e",
            REPO,
        )
    except (subprocess.CalledProcessError, FileNotFoundError):
        run(
            python,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--no-deps",
            "--no-build-isolation",
            "-e",
            REPO,
        )
    for package in ("analysis", "expectations", "orchestration"):
        compileall.compile_dir(REPO / package, quiet=2)


def main() -> None:
    """Install unless what is there was made from the same lock and Python."""
    if not SUPPORTED[0] <= sys.version_info[:2] <= SUPPORTED[1]:
        sys.exit(
            f"citypanel needs Python {SUPPORTED[0][0]}.{SUPPORTED[0][1]} to {SUPPORTED[1][0]}.{SUPPORTED[1][1]},"
            f" this is {sys.version.split()[0]}: name another with make PYTHON=python3.11"
        )
    if is_installed():
        return
    with LOCK.open() as turn:  # one at a time; others find it done
        fcntl.flock(turn, fcntl.LOCK_EX)
        if is_installed():
            return
        begun = time.perf_counter()
        print("installing into .venv from requirements.lock (once) …", flush=True)
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        for name, seconds in PATIENCE.items():
            os.environ.setdefault(name, seconds)
        python = make_venv()
        try:
            install_locked(python)
            install_project(python)
        except subprocess.CalledProcessError as error:
            sys.exit(
                f"not installed: {error}\nWhat it said stands above; is the package registry in reach?"
                " Run the same command again: it begins anew."
            )
        STAMP.write_text(wanted(), encoding="utf-8")
        print(f"installed in {time.perf_counter() - begun:.0f} s", flush=True)


if __name__ == "__main__":
    main()
