"""The commands of the runbook that go back to an older release do so."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
from docs_repository import FENCE, REPO, read

from orchestration.commands.main import main
from orchestration.releases import decisions, keeping
from orchestration.releases.manifest import read_release, write_manifest
from orchestration.releases.place import clear_private_builds, keep, put_in_place
from orchestration.settings import Settings


def rollback_commands() -> list[list[str]]:
    """The commands of the runbook's section, without the program's name."""
    section = read(REPO / "docs" / "annual-update.md").partition("## Go back")[2]
    block = next(body for info, body in FENCE.findall(section) if info == "sh")
    return [shlex.split(line)[1:] for line in block.splitlines()]


def make_release(settings: Settings, vintage: str) -> Path:
    build = settings.build(vintage)
    build.mkdir(parents=True)
    (build / "warehouse.duckdb").write_text(vintage)
    write_manifest(build, {"vintage": vintage, "fingerprint": vintage, "data_kind": "published"})
    kept = keep(settings, build, vintage)
    (kept / ".unplaced").unlink()
    return decisions.publish(settings, keeping.named(settings, kept.name), why="test").folder


def test_going_back_and_forth(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = Settings(inbox=None, release=tmp_path / "release", state=tmp_path / "build")
    settings.release.mkdir()
    for name, path in (("RELEASE", settings.release), ("STATE", settings.state)):
        monkeypatch.setenv(f"CITYPANEL_{name}", str(path))
    monkeypatch.setenv("CITYPANEL_INBOX", "")
    older = make_release(settings, "2022-00000000")
    newer = make_release(settings, "2023-00000000")
    standing = read_release(settings.current)
    assert standing is not None
    assert standing.folder == newer.resolve()

    assert [main(command) for command in rollback_commands()] == [0, 0, 0]
    assert "yes, all checksums agree" in capsys.readouterr().out
    standing = read_release(settings.current)
    assert standing is not None
    assert standing.folder == older.resolve()
    # The next refresh takes a new number and leaves both where they are.
    clear_private_builds(settings)
    build = settings.build("c")
    build.mkdir(parents=True)
    write_manifest(build, {"vintage": "2023-11111111", "fingerprint": "c"})
    assert put_in_place(settings, build, "2023-11111111").folder.name == "0003-2023-11111111"
    assert older.is_dir()
    assert newer.is_dir()
