"""The journal of decisions: append-only, and readable after a kill."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestration.releases.history import events, record, states, who, withdrawn_with
from orchestration.releases.manifest import ReleaseError


def test_the_last_decision_is_the_state_and_packing_is_none(tmp_path: Path) -> None:
    journal = tmp_path / "history.jsonl"
    record(journal, "0001", "published", by="a", why="first", fingerprint="f1")
    record(journal, "0002", "draft", by="a", why="review", fingerprint="f2")
    record(journal, "0001", "packed", by="citypanel", why="old", fingerprint="f1")
    assert [event.what for event in events(journal)] == ["published", "draft", "packed"]
    assert {name: event.what for name, event in states(journal).items()} == {
        "0001": "published",
        "0002": "draft",
    }


def test_half_a_line_of_a_killed_write_loses_nothing(tmp_path: Path) -> None:
    journal = tmp_path / "history.jsonl"
    record(journal, "0001", "published", by="a", why="first")
    with journal.open("a", encoding="utf-8") as file:
        file.write('{"release": "0002", "wh')
    record(journal, "0003", "published", by="b", why="路径 ]}", replaces="0001")
    assert [event.release for event in events(journal)] == ["0001", "0003"]
    assert events(journal)[1].why == "路径 ]}"


@pytest.mark.parametrize(
    "line",
    ['{"release": "0001"}', '{"release":"1","what":"eaten","at":"","by":"","why":""}', "[1]}"],
)
def test_a_line_that_says_nothing_known_is_named(line: str, tmp_path: Path) -> None:
    journal = tmp_path / "history.jsonl"
    journal.write_text("\n" + line + "\n", encoding="utf-8")
    with pytest.raises(ReleaseError, match=r"history\.jsonl, line 2"):
        events(journal)


def test_withdrawn_is_what_was_withdrawn_last(tmp_path: Path) -> None:
    journal = tmp_path / "history.jsonl"
    assert withdrawn_with(journal, "f") is None
    record(journal, "0001", "published", by="a", why="", fingerprint="f")
    assert withdrawn_with(journal, "f") is None
    record(journal, "0001", "withdrawn", by="b", why="wrong unit", fingerprint="f")
    found = withdrawn_with(journal, "f")
    assert found is not None
    assert (found.by, found.why) == ("b", "wrong unit")
    record(journal, "0001", "published", by="a", why="right after all", fingerprint="f")
    assert withdrawn_with(journal, "f") is None


def test_who_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CITYPANEL_BY", "A. Reader")
    assert who() == "A. Reader"
    assert who("B. Reader") == "B. Reader"
    monkeypatch.delenv("CITYPANEL_BY")
    assert who()
