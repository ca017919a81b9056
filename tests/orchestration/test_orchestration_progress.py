"""Log files of refreshes: one per run, the last ones kept, none of a run that did nothing."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from orchestration import progress
from orchestration.progress import KEPT_LOGS, drop_log, log, name_latest, new_log, show_progress


@pytest.fixture(autouse=True)
def handlers_as_before() -> object:
    before, propagated, level = log.handlers[:], log.propagate, log.level
    yield
    for handler in set(log.handlers) - set(before):
        handler.close()
    log.handlers[:], log.propagate = before, propagated
    log.setLevel(level)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_each_run_has_a_log_and_the_last_ones_stay(tmp_path: Path) -> None:
    earlier = [
        f"refresh-2014010{day}T0{hour}0000Z-7.log" for day in range(1, 6) for hour in range(6)
    ]
    for name in [*earlier, "notes.txt"]:
        (tmp_path / name).write_text("earlier")
    path = new_log(tmp_path)
    assert names(tmp_path) == sorted([*earlier[-KEPT_LOGS:], "notes.txt", path.name])
    show_progress(path)
    log.info("襄阳市")
    assert "INFO 襄阳市" in path.read_text(encoding="utf-8")


def test_two_processes_of_one_state_write_to_files_of_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = new_log(tmp_path)
    monkeypatch.setattr(progress.os, "getpid", lambda: 4242)
    other = new_log(tmp_path)
    assert one != other
    assert names(tmp_path) == sorted([one.name, other.name])


def test_the_latest_has_a_name_that_stays(tmp_path: Path) -> None:
    (tmp_path / "refresh.log").write_text("the only log, as earlier versions wrote it")
    path = new_log(tmp_path)
    name_latest(path)
    path.write_text("said")
    assert (tmp_path / "refresh.log").read_text() == "said"
    assert not (tmp_path / "refresh.log").readlink().is_absolute()
    assert names(tmp_path) == sorted([path.name, "refresh.log"])


def test_the_log_of_a_run_that_did_nothing_goes(tmp_path: Path) -> None:
    path = new_log(tmp_path)
    show_progress(path)
    log.info("nothing has changed")
    drop_log(path)
    log.info("said on the screen alone")
    assert names(tmp_path) == []
    assert [type(handler) for handler in log.handlers] == [logging.StreamHandler]
