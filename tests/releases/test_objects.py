"""Packed releases: every byte comes back, alike contents take next to nothing, and damage is named."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from releases_folder import SIZE, archived, content, settings_in

from orchestration.releases import decisions, keeping, objects
from orchestration.releases.manifest import ReleaseError, differences
from orchestration.releases.policy import Keep
from orchestration.settings import Settings


def packed(tmp_path: Path, number: int = 6) -> Settings:
    settings = settings_in(tmp_path)
    for each in range(number):
        decisions.publish(settings, archived(settings, f"r{each}", each), why="next")
        keeping.pack_older(settings, Keep(whole=2))
    return settings


def size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def test_every_byte_comes_back_and_alike_contents_are_kept_once(tmp_path: Path) -> None:
    settings = packed(tmp_path)
    releases = keeping.archived(settings)
    assert [objects.is_packed(each.folder) for each in releases] == [True] * 4 + [False] * 2
    assert size(settings.objects) < 1.1 * SIZE  # four releases of random bytes, each of that size
    for number, release in enumerate(releases[:4]):
        target = tmp_path / f"unpacked-{number}"
        target.mkdir()
        objects.unpack(settings.objects, release, target)
        assert (target / "warehouse.duckdb").read_bytes() == content(number)
        assert not differences(type(release)(target, release.manifest))


def test_a_release_that_was_packed_and_is_in_place_again_is_still_kin(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    for each in range(2):
        decisions.publish(settings, archived(settings, f"r{each}", each), why="next")
        keeping.pack_older(settings, Keep(whole=1))
    decisions.roll_back(settings, why="compare")
    archived(settings, "r2", 2)
    keeping.pack_older(settings, Keep(whole=1))
    assert objects.is_packed(settings.archive / "0002-2014-r1")
    assert size(settings.objects) < 1.1 * SIZE


def test_contents_that_nothing_needs_go_and_those_that_others_rest_on_stay(tmp_path: Path) -> None:
    settings = packed(tmp_path)
    first, *others = keeping.archived(settings)
    keeping.remove(settings, first, why="pruned")
    keeping.clear_objects(settings)
    for number, release in enumerate(others[:3], start=1):
        target = tmp_path / f"unpacked-{number}"
        target.mkdir()
        objects.unpack(
            settings.objects, release, target
        )  # the first one's bytes are still what they rest on
    for release in others[:3]:
        keeping.remove(settings, release, why="pruned")
    assert keeping.clear_objects(settings) > 0
    assert size(settings.objects) == 0
    assert [each.folder.name for each in keeping.archived(settings)] == [
        "0005-2014-r4",
        "0006-2014-r5",
    ]


def test_the_release_in_place_and_the_draft_stay(tmp_path: Path) -> None:
    settings = packed(tmp_path, 3)
    decisions.roll_back(settings, to="1", why="compare")
    decisions.leave_draft(settings, keeping.named(settings, "2"), why="look again")
    planned = keeping.plan(settings, Keep(whole=1, releases=1))
    assert planned.remove == ()
    with pytest.raises(ReleaseError, match="leads to 0001-2014-r0: it stays"):
        keeping.remove(settings, keeping.named(settings, "1"), why="no")


def test_damage_is_named(tmp_path: Path) -> None:
    settings = packed(tmp_path, 3)
    release = keeping.archived(settings)[0]
    for path in settings.objects.iterdir():
        if path.stat().st_size > 1000:
            path.write_bytes(path.read_bytes()[:-40] + b"\0" * 40)
    with pytest.raises(ReleaseError, match="is damaged"):
        objects.unpack(settings.objects, release, tmp_path / "out")
    shutil.rmtree(settings.objects)
    with pytest.raises(ReleaseError, match="lacks the content"):
        objects.unpack(settings.objects, release, tmp_path / "out2")


def test_a_changed_release_is_left_as_it_is(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings = settings_in(tmp_path)
    for each in range(3):
        decisions.publish(settings, archived(settings, f"r{each}", each), why="next")
    first = keeping.archived(settings)[0]
    (first.folder / "same.txt").write_text("changed by hand")
    keeping.pack_older(settings, Keep(whole=1))
    assert (first.folder / "same.txt").read_text() == "changed by hand"
    assert objects.is_packed(keeping.archived(settings)[1].folder)


def test_killed_between_the_two_renames(tmp_path: Path) -> None:
    settings = packed(tmp_path, 3)
    folder = keeping.archived(settings)[0].folder
    folder.rename(folder.parent / f".{folder.name}.packed")
    objects.finish_laying_down(settings.archive)
    assert objects.is_packed(folder)
