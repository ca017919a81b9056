"""The commands of the runbook that go back to an older release do so."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from docs_repository import FENCE, REPO, read

from orchestration.releases.manifest import read_release, write_manifest
from orchestration.releases.place import clear_private_builds, put_in_place
from orchestration.settings import Settings


def rollback_commands() -> str:
    """The shell block of the runbook, without what needs an installation."""
    section = read(REPO / "docs" / "annual-update.md").partition("## Go back")[2]
    block = next(body for info, body in FENCE.findall(section) if info == "sh")
    return "\n".join(line for line in block.splitlines() if "citypanel" not in line)


def make_release(settings: Settings, vintage: str) -> Path:
    build = settings.build(vintage)
    build.mkdir(parents=True)
    write_manifest(build, {"vintage": vintage, "fingerprint": vintage})
    return put_in_place(settings, build, vintage).folder


def test_going_back_and_forth(tmp_path: Path) -> None:
    settings = Settings(inbox=None, release=tmp_path / "release", state=tmp_path / "build")
    commands = rollback_commands()
    found = re.search(r"archive/0001-(\S+)", commands)
    assert found
    older = make_release(settings, found.group(1))
    newer = make_release(settings, "2023-00000000")
    assert read_release(settings.current).folder == newer.resolve()

    if shutil.which("mv") and os.uname().sysname != "Linux":
        commands = commands.replace("mv -T", "mv -h")
    subprocess.run(["sh", "-euc", commands], cwd=tmp_path, check=True, capture_output=True)

    assert read_release(settings.current).folder == older.resolve()
    assert newer.is_dir()
    assert list(settings.release.glob(".current.*")) == []
    # The next refresh takes a new number and leaves both where they are.
    clear_private_builds(settings)
    assert make_release(settings, "2023-11111111").name == "0003-2023-11111111"
    assert older.is_dir()
    assert newer.is_dir()
