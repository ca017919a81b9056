"""kill -9 at any moment leaves the last release whole, and the next refresh works."""

from __future__ import annotations

import random
import signal
import time
from pathlib import Path

import duckdb
import pytest
from e2e_inbox import good_inbox, tree
from e2e_process import CommandLine, Refreshed

MOMENTS = (
    "· read files",
    "· build observations",
    "· build indicators",
    "· estimate studies",
    "· release",
)


def builds(release: Path) -> set[str]:
    return {path.name for path in (release / ".build").glob("*")}


def assert_whole(citypanel: CommandLine, standing: Refreshed, before: object, link: Path) -> None:
    assert tree(standing.release / "archive" / link.name) == before
    assert standing.current.readlink() == link
    with duckdb.connect(str(standing.warehouse), read_only=True) as connection:
        assert connection.execute("select count(*) from marts.city_year").fetchone() == (180,)
    status = citypanel.run("status", "--release", standing.release)
    assert (status.code, "all checksums agree" in status.out) == (0, True), status.said


def kill_at_each_step(citypanel: CommandLine, standing: Refreshed) -> None:
    link = standing.current.readlink()
    before = tree(standing.release / "archive" / link.name)
    left: set[str] = set()
    for moment in MOMENTS:
        running = citypanel.start(
            "refresh", "--inbox", standing.inbox, "--release", standing.release
        )
        running.wait_for(moment)
        assert not left & builds(standing.release), "a killed build was not cleared"
        left = builds(standing.release)
        assert running.kill().code == -signal.SIGKILL
        assert left, f"no private build at {moment!r}: the kill hit nothing"
        assert_whole(citypanel, standing, before, link)


def start_a_second_and_interrupt_the_first(citypanel: CommandLine, standing: Refreshed) -> None:
    first = citypanel.start("refresh", "--inbox", standing.inbox, "--release", standing.release)
    first.wait_for("· build observations")
    log = (citypanel.state / "logs" / "refresh.log").resolve()
    said, logs = log.read_bytes(), set(log.parent.iterdir())
    second = citypanel.refresh(standing.inbox, standing.release)
    assert second.code == 2
    assert "another refresh is at work" in second.err
    assert str(standing.release) in second.err
    assert log.read_bytes().startswith(said), "the log of the first was emptied"
    assert set(log.parent.iterdir()) == logs, "one that was refused at once has nothing to log"
    # As Ctrl-C: no traceback, and the lock is free.
    interrupted = first.send(signal.SIGINT)
    assert interrupted.code == 130, interrupted.said
    assert "interrupted" in interrupted.err
    assert "Traceback" not in interrupted.said
    assert "nothing was released" in interrupted.out
    assert f"The whole story is in {log}" in interrupted.out


def test_killed_refused_interrupted_and_at_last_done(
    citypanel: CommandLine, copy: Refreshed
) -> None:
    """One story, as each part goes on where the one before was cut off."""
    assert copy.inbox is not None
    good_inbox(copy.inbox, 70)  # there is something new to release
    kill_at_each_step(citypanel, copy)
    start_a_second_and_interrupt_the_first(citypanel, copy)
    old = copy.current.resolve()
    finished = citypanel.refresh(copy.inbox, copy.release)
    assert finished.code == 0, finished.said
    assert not builds(copy.release)
    assert copy.current.resolve() != old
    assert old.is_dir(), "the older release is kept"
    with duckdb.connect(str(copy.warehouse), read_only=True) as connection:
        assert connection.execute("select count(*) from marts.city_year").fetchone() == (210,)


@pytest.mark.verify
def test_killed_anywhere_and_refreshed_each_time(citypanel: CommandLine, tmp_path: Path) -> None:
    inbox = good_inbox(tmp_path / "inbox", 30)
    first = citypanel.refresh(inbox, tmp_path / "release")
    assert first.code == 0, first.said
    chance = random.Random(20261)
    for _ in range(20):
        current = (tmp_path / "release" / "current").resolve()
        before = tree(current)
        running = citypanel.start(
            "refresh", "--inbox", inbox, "--release", tmp_path / "release", "--force"
        )
        time.sleep(chance.uniform(0, 1.1 * first.seconds))
        if running.kill().code == 0:
            continue  # it was done before
        assert tree(current) == before
        finished = citypanel.refresh(inbox, tmp_path / "release", "--force")
        assert finished.code == 0, finished.said
        assert not builds(tmp_path / "release")
