"""Putting a release in place: killed between any two steps, the one before still stands."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from orchestration.release import (
    ReleaseError,
    clear_private_builds,
    differences,
    give_back_lock,
    put_in_place,
    read_release,
    take_lock,
    write_manifest,
)
from orchestration.settings import Settings


def settings_in(folder: Path) -> Settings:
    return Settings(inbox=folder, release=folder / "release", state=folder / "state")


def build(settings: Settings, name: str) -> Path:
    folder = settings.build(name) / "release"
    folder.mkdir(parents=True)
    (folder / "data.txt").write_text(name)
    write_manifest(folder, {"vintage": f"2014-{name}", "fingerprint": name})
    return folder


# Runs in a process of its own that kills itself right before the named call.
KILLED = """
import os, signal, sys
from pathlib import Path
from orchestration import release
from orchestration.settings import Settings
folder, call = Path(sys.argv[1]), sys.argv[2]
settings = Settings(inbox=folder, release=folder / "release", state=folder / "state")
release.take_lock(settings)
new = folder / "prepared"
target = settings.build("b") / "release"
target.parent.mkdir(parents=True)
new.rename(target)

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

if call == "_sync":
    release._sync = die
else:
    setattr(Path, call, die)
release.put_in_place(settings, target, "2014-b")
"""


@pytest.mark.parametrize("call", ["rename", "symlink_to", "replace", "_sync"])
def test_killed_while_putting_in_place(call: str, tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    first = put_in_place(settings, build(settings, "a"), "2014-a")
    build(settings, "b").rename(tmp_path / "prepared")
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path), call], capture_output=True, check=False
    )
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    standing = read_release(settings.current)
    assert standing is not None
    # Until the link is swapped the old one stands, after it the new one: whole in either case.
    assert standing.manifest["vintage"] == ("2014-b" if call == "_sync" else "2014-a")
    assert not differences(standing)
    assert first.folder.is_dir()
    # The lock went with the process, and the next refresh clears what it left.
    take_lock(settings)
    try:
        assert not settings.build("b").exists()
        assert not list(settings.release.glob(".current.*"))
        third = put_in_place(settings, build(settings, "c"), "2014-c")
        assert read_release(settings.current) == third
    finally:
        give_back_lock(settings)


def test_numbers_go_up_and_old_releases_stay(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    names = [
        put_in_place(settings, build(settings, f"v{i}"), f"2014-v{i}").folder.name for i in range(3)
    ]
    assert names == ["0001-2014-v0", "0002-2014-v1", "0003-2014-v2"]
    assert sorted(path.name for path in settings.archive.iterdir()) == names
    assert settings.current.is_symlink()
    assert not settings.current.readlink().is_absolute(), "a moved release folder would break"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda folder: (folder / "data.txt").write_text("other"), "data.txt was changed"),
        (lambda folder: (folder / "data.txt").unlink(), "data.txt is missing"),
    ],
)
def test_differences_are_named(change, words: str, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    settings = settings_in(tmp_path)
    release = put_in_place(settings, build(settings, "a"), "2014-a")
    assert differences(release) == []
    change(release.folder)
    assert differences(release) == [words]


@pytest.mark.parametrize("content", ["", "{", "[]", "null", '{"vintage": "x"}'])
def test_manifest_that_is_none(content: str, tmp_path: Path) -> None:
    (tmp_path / "MANIFEST.json").write_text(content)
    assert read_release(tmp_path) is None
    assert read_release(tmp_path / "absent") is None


def test_lock_is_one_per_release_folder(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    holder = (
        "import sys; from pathlib import Path; from orchestration.release import take_lock;"
        "from orchestration.settings import Settings; f = Path(sys.argv[1]);"
        "take_lock(Settings(inbox=f, release=f / 'release', state=f / 'state'));"
        "print('held', flush=True); input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", holder, str(tmp_path)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as other:  # fmt: skip
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        private = settings.build("its")
        private.mkdir(parents=True)
        with pytest.raises(ReleaseError, match=r"another refresh is at work on .*RELEASE="):
            take_lock(settings)
        assert private.is_dir(), "a refresh that was refused must not clear another's build"
        elsewhere = Settings(inbox=None, release=tmp_path / "other", state=settings.state)
        take_lock(elsewhere)
        give_back_lock(elsewhere)
        os.kill(other.pid, signal.SIGKILL)
        other.wait()
    take_lock(settings)
    give_back_lock(settings)
    assert not private.exists()


def test_clearing_leaves_releases_alone(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    put_in_place(settings, build(settings, "a"), "2014-a")
    settings.build("left").mkdir(parents=True)
    (settings.release / ".current.99").symlink_to("nowhere")
    clear_private_builds(settings)
    assert sorted(path.name for path in settings.release.iterdir()) == ["archive", "current"]


def test_manifest_lists_all_files_but_itself(tmp_path: Path) -> None:
    (tmp_path / "parquet").mkdir()
    (tmp_path / "parquet" / "t.parquet").write_bytes(b"123")
    written = write_manifest(tmp_path, {"vintage": "x"})
    assert json.loads((tmp_path / "MANIFEST.json").read_text()) == written
    assert list(written["files"]) == ["parquet/t.parquet"]
    # sha256 of "123", as any tool prints it
    assert written["files"]["parquet/t.parquet"] == {
        "sha256": "a665a45920422f9d417e4867efdc4fb8a04a1f3fff1fa07e998e86f7f7a27ae3", "bytes": 3,
    }  # fmt: skip
