"""Putting a release in place: killed between any two steps, the one before still stands."""

from __future__ import annotations

import errno
import json
import logging
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from orchestration.commands.advice import in_words
from orchestration.releases.lock import give_back_lock, refuse_sample_over_published, take_lock
from orchestration.releases.manifest import ReleaseError, differences, read_release, write_manifest
from orchestration.releases.place import clear_private_builds, is_up_to_date, put_in_place
from orchestration.settings import Settings, SettingsError


def settings_in(folder: Path) -> Settings:
    return Settings(inbox=folder / "inbox", release=folder / "release", state=folder / "state")


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
from orchestration.releases import place as release
from orchestration.releases.lock import take_lock
from orchestration.settings import Settings
folder, call = Path(sys.argv[1]), sys.argv[2]
settings = Settings(inbox=None, release=folder / "release", state=folder / "state")
take_lock(settings)
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
def test_killed_while_putting_in_place(
    call: str, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging.getLogger("citypanel"), "propagate", True)
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
    # The lock went with the process, and the next refresh clears what it left, and says so.
    was_archived = call in ("symlink_to", "replace")
    assert (settings.archive / "0002-2014-b").exists() == (was_archived or call == "_sync")
    with caplog.at_level("WARNING", logger="citypanel"):
        take_lock(settings)
    try:
        assert not settings.build("b").exists()
        assert not list(settings.release.glob(".current.*"))
        assert (settings.archive / "0002-2014-b").exists() == (call == "_sync")
        assert ("0002-2014-b" in caplog.text) == was_archived
        third = put_in_place(settings, build(settings, "c"), "2014-c")
        assert read_release(settings.current) == third
        assert third.folder.name == ("0003-2014-c" if call == "_sync" else "0002-2014-c")
        assert not list(settings.release.rglob(".unplaced"))
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
        "import sys; from pathlib import Path; from orchestration.releases.lock import take_lock;"
        "from orchestration.settings import Settings; f = Path(sys.argv[1]);"
        "take_lock(Settings(inbox=None, release=f / 'release', state=f / 'state'));"
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
    assert list(written["files"]) == ["parquet/t.parquet", "SHA256SUMS"]
    sums = (tmp_path / "SHA256SUMS").read_text()
    assert sums == f"{written['files']['parquet/t.parquet']['sha256']}  parquet/t.parquet\n"
    # sha256 of "123", as any tool prints it
    assert written["files"]["parquet/t.parquet"] == {
        "sha256": "a665a45920422f9d417e4867efdc4fb8a04a1f3fff1fa07e998e86f7f7a27ae3", "bytes": 3,
    }  # fmt: skip


def test_killed_right_after_the_swap_stays_in_place(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    release = put_in_place(settings, build(settings, "a"), "2014-a")
    (release.folder / ".unplaced").touch()  # as a kill between the swap and its removal leaves it
    clear_private_builds(settings)
    assert read_release(settings.current) == release
    assert not differences(release)
    assert not list(settings.release.rglob(".unplaced"))


def test_releases_gone_back_behind_are_kept(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    older, newer = (
        put_in_place(settings, build(settings, name), f"2014-{name}").folder for name in "ab"
    )
    settings.current.unlink()
    settings.current.symlink_to(older.relative_to(settings.release))
    clear_private_builds(settings)
    assert newer.is_dir()


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    (settings.release / ".build").mkdir(parents=True)
    (settings.release / ".build" / "mine").write_text("mine")
    with pytest.raises(ReleaseError, match=r"no folder of releases, it holds \.build: give"):
        take_lock(settings)
    for name in ("a.doc", "b.doc", "c.doc", "d.doc"):
        (settings.release / name).write_text("mine")
    with pytest.raises(ReleaseError, match=r"\.build, a\.doc, b\.doc and 2 more"):
        take_lock(settings)
    assert (settings.release / ".build" / "mine").read_text() == "mine"
    assert not (settings.release / ".lock").exists()


def test_a_folder_where_the_link_should_be(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    settings.current.mkdir(parents=True)
    with pytest.raises(ReleaseError, match="current is a folder, and a link to a release"):
        take_lock(settings)


def test_a_copied_folder_of_releases_without_its_lock_will_do(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    put_in_place(settings, build(settings, "a"), "2014-a")
    assert not (settings.release / ".lock").exists()
    take_lock(settings)
    give_back_lock(settings)


def test_state_below_an_empty_release_folder_will_do(tmp_path: Path) -> None:
    settings = Settings(inbox=None, release=tmp_path, state=tmp_path / "work" / "state")
    settings.state.mkdir(parents=True)
    take_lock(settings)
    give_back_lock(settings)


@pytest.mark.parametrize("what", ["release", "state"])
def test_what_a_refresh_writes_may_not_lie_in_its_inbox(what: str, tmp_path: Path) -> None:
    settings = replace(settings_in(tmp_path), **{what: tmp_path / "inbox" / what})
    with pytest.raises(ReleaseError, match=rf"inbox/{what}, lies in the inbox .*/inbox and would"):
        take_lock(settings)
    assert not (tmp_path / "inbox").exists()


def test_a_damaged_release_is_made_anew_and_named(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging.getLogger("citypanel"), "propagate", True)
    settings = settings_in(tmp_path)
    assert is_up_to_date(settings, "a") is None
    release = put_in_place(settings, build(settings, "a"), "2014-a")
    assert is_up_to_date(settings, "a") == release
    assert is_up_to_date(settings, "b") is None
    assert not caplog.text
    (release.folder / "data.txt").write_text("other")
    assert is_up_to_date(settings, "a") is None
    assert "the release in place is damaged: data.txt was changed" in caplog.text
    (release.folder / "MANIFEST.json").write_text("{")
    assert is_up_to_date(settings, "a") is None
    assert "current leads to no release with a readable MANIFEST.json" in caplog.text


def test_the_sample_takes_no_place_that_may_be_anothers(tmp_path: Path) -> None:
    real, sample = settings_in(tmp_path), replace(settings_in(tmp_path), inbox=None)
    release = put_in_place(real, build(real, "a"), "2014-a")
    refuse_sample_over_published(sample)
    facts = json.loads((release.folder / "MANIFEST.json").read_text())
    (release.folder / "MANIFEST.json").write_text(json.dumps({**facts, "data_kind": "published"}))
    refuse_sample_over_published(real)
    with pytest.raises(ReleaseError, match="holds published figures"):
        refuse_sample_over_published(sample)
    (release.folder / "MANIFEST.json").unlink()
    with pytest.raises(ReleaseError, match="may hold published figures"):
        refuse_sample_over_published(sample)


@pytest.mark.parametrize("memory", ["lots", "", "2", "GB"])
def test_memory_that_is_no_amount(memory: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CITYPANEL_MEMORY", "2GB")
    Settings.from_environment()
    monkeypatch.setenv("CITYPANEL_MEMORY", memory)
    with pytest.raises(SettingsError, match=r"CITYPANEL_MEMORY is .* as 350MB or 2GB"):
        Settings.from_environment()


def test_answers_of_the_system_come_with_advice() -> None:
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/disk/file")
    assert (
        in_words(full) == "/disk/file: No space left on device; free some space and refresh again"
    )
    assert in_words(OSError("said otherwise")) == "said otherwise"
