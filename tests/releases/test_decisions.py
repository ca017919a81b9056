"""Drafts, publishing, going back: what the links and the journal say after each."""

from __future__ import annotations

from pathlib import Path

import pytest
from releases_folder import archived, settings_in

from orchestration.releases import decisions, keeping
from orchestration.releases.history import states, withdrawn_with
from orchestration.releases.manifest import ReleaseError, differences, read_release
from orchestration.releases.place import clear_private_builds, waiting_draft
from orchestration.releases.policy import Keep
from orchestration.settings import Settings


def in_place(settings: Settings) -> str:
    release = read_release(settings.current)
    assert release is not None
    return release.manifest["fingerprint"]


def test_a_draft_waits_until_somebody_publishes_it(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    decisions.publish(settings, archived(settings, "a"), why="first")
    decisions.leave_draft(settings, archived(settings, "b", 1), why="the policy asks for review")
    clear_private_builds(settings)
    assert in_place(settings) == "a"
    draft = waiting_draft(settings)
    assert draft is not None
    assert draft.manifest["fingerprint"] == "b"

    decisions.publish(settings, draft, by="A. Reader", why="looked at")
    assert in_place(settings) == "b"
    assert waiting_draft(settings) is None
    said = states(settings.journal)["0002-2014-b"]
    assert (said.what, said.by, said.why, said.replaces) == (
        "published", "A. Reader", "looked at", "0001-2014-a",
    )  # fmt: skip


def test_a_later_draft_or_release_replaces_one_that_waits(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    decisions.publish(settings, archived(settings, "a"), why="first")
    decisions.leave_draft(settings, archived(settings, "b", 1), why="review")
    decisions.leave_draft(settings, archived(settings, "c", 2), why="review")
    assert states(settings.journal)["0002-2014-b"].what == "rejected"
    decisions.publish(settings, archived(settings, "d", 3), why="within bounds")
    said = {name[5:]: event.what for name, event in states(settings.journal).items()}
    assert said == {
        "2014-a": "published", "2014-b": "rejected", "2014-c": "rejected", "2014-d": "published",
    }  # fmt: skip
    assert waiting_draft(settings) is None
    # What was rejected isn't left as a draft again unasked.
    assert withdrawn_with(settings.journal, "c") is not None


def test_going_back_and_forth(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    with pytest.raises(ReleaseError, match="nothing to go back from"):
        decisions.roll_back(settings, why="too early")
    decisions.publish(settings, archived(settings, "a"), why="first")
    with pytest.raises(ReleaseError, match="nothing to go back to"):
        decisions.roll_back(settings, why="too early")
    decisions.publish(settings, archived(settings, "b", 1), why="second")
    decisions.publish(settings, archived(settings, "c", 2), why="third")

    withdrawn, placed = decisions.roll_back(settings, by="A. Reader", why="wrong unit")
    assert (withdrawn.manifest["fingerprint"], placed.manifest["fingerprint"]) == ("c", "b")
    assert in_place(settings) == "b"
    # Once more: not to the one that was withdrawn.
    decisions.roll_back(settings, why="that one too")
    assert in_place(settings) == "a"
    assert withdrawn_with(settings.journal, "b") is not None
    assert withdrawn_with(settings.journal, "a") is None
    decisions.publish(settings, keeping.named(settings, "3"), why="c was right")
    assert in_place(settings) == "c"
    assert withdrawn_with(settings.journal, "c") is None


def test_back_to_a_packed_release(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    for number, name in enumerate("abc"):
        decisions.publish(settings, archived(settings, name, number), why=name)
    keeping.pack_older(settings, Keep(whole=1))
    assert not (settings.archive / "0001-2014-a" / "warehouse.duckdb").exists()
    assert (settings.archive / "0001-2014-a" / "CHANGES.md").read_text() == "changes of a"

    _, placed = decisions.roll_back(settings, to="2014-a", why="compare")
    assert in_place(settings) == "a"
    assert not differences(placed)
    # The one in place stays whole whatever its age.
    keeping.pack_older(settings, Keep(whole=1))
    assert (settings.archive / "0001-2014-a" / "warehouse.duckdb").exists()


def test_nothing_damaged_or_of_another_kind_is_published(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    decisions.publish(settings, archived(settings, "a", kind="published"), why="first")
    damaged = archived(settings, "b", kind="published")
    (damaged.folder / "same.txt").write_text("other")
    with pytest.raises(ReleaseError, match=r"damaged and not published: same\.txt was changed"):
        decisions.publish(settings, damaged, why="careless")
    simulated = archived(settings, "c")
    with pytest.raises(
        ReleaseError, match="holds simulated figures and the release in place published"
    ):
        decisions.publish(settings, simulated, why="careless")
    assert in_place(settings) == "a"


def test_a_name_that_nothing_has(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    archived(settings, "a")
    with pytest.raises(ReleaseError, match=r"no release '7' in .*the last are 0001-2014-a"):
        keeping.named(settings, "7")
