"""An interrupt ends the work, whatever stood in its way."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import SimpleNamespace

import pytest

from orchestration.commands.failure import explain_failure
from orchestration.interrupt import never_lost
from orchestration.progress import step
from orchestration.releases.manifest import MANIFEST
from orchestration.settings import Settings


@pytest.fixture(autouse=True)
def as_from_a_terminal() -> Iterator[None]:
    """A shell ignores Ctrl-C for what it starts in the background, and so would the tests."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


class Stopped(BaseException):
    """What a framework raises in the place of KeyboardInterrupt."""


@contextmanager
def handled_by(handler: Callable[..., object] | signal.Handlers) -> Iterator[None]:
    before = signal.signal(signal.SIGINT, handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def interrupt() -> None:
    os.kill(os.getpid(), signal.SIGINT)


def swallow() -> None:
    with suppress(BaseException):  # as an `except:` in a library
        interrupt()


def translate() -> None:
    try:
        interrupt()
    except BaseException as error:
        raise ValueError("a field could not be read") from error


class Closing:
    """Is interrupted in its destructor."""

    def __del__(self) -> None:
        interrupt()


def lose() -> None:
    Closing()  # deleted at once


class Failing:
    """Fails in its destructor."""

    def __del__(self) -> None:
        raise ValueError


def lose_something_else() -> None:
    Failing()


@pytest.mark.parametrize("work", [interrupt, swallow, translate, lose])
def test_an_interrupt_is_raised_whatever_a_library_made_of_it(work: Callable[[], None]) -> None:
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt), never_lost():
        work()
    assert signal.getsignal(signal.SIGINT) is before


def test_python_prints_no_interrupt_that_it_could_not_raise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    printed: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", printed.append)
    with pytest.raises(KeyboardInterrupt), never_lost():
        lose()
    assert not printed
    lose_something_else()
    with never_lost():
        lose_something_else()
    assert len(printed) == 2


def test_it_is_raised_as_who_asked_before_would() -> None:
    def stop(*_: object) -> None:
        raise Stopped

    with handled_by(stop), pytest.raises(Stopped), never_lost():
        swallow()


def test_within_one_another_the_innermost_raises_it_and_work_stops_there() -> None:
    done = []
    with pytest.raises(KeyboardInterrupt), never_lost():
        with never_lost():
            swallow()
            done.append("inner")
        done.append("outer")
    assert done == ["inner"]


def test_a_step_ends_by_it() -> None:
    with pytest.raises(KeyboardInterrupt), step("read what a library guards"):
        swallow()


def test_nothing_is_raised_where_nothing_came_or_it_is_ignored() -> None:
    with never_lost():
        pass
    with handled_by(signal.SIG_IGN), never_lost():
        interrupt()


def test_another_thread_is_left_alone() -> None:
    before, seen = signal.getsignal(signal.SIGINT), []

    def work() -> None:
        with never_lost():
            seen.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [before]


@pytest.mark.parametrize("standing", ["0001-2014-aaaa", "0002-2015-bbbb"])
def test_what_stands_after_an_interrupt_is_said_as_it_is(
    standing: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One that comes within the last moment finds the release in place already."""
    settings = Settings(None, tmp_path / "release", tmp_path / "state")
    current = settings.archive / "0002-2015-bbbb"
    current.mkdir(parents=True)
    (current / MANIFEST).write_text('{"vintage": "2015-bbbb", "files": {}, "fingerprint": ""}')
    settings.current.symlink_to(current)
    no_events = SimpleNamespace(all_events=[])
    explain_failure(no_events, settings, settings.archive / standing, tmp_path / "refresh.log")
    said = capsys.readouterr().out
    assert str(current) in said
    assert ("nothing was released" in said) == (standing == current.name)
    assert ("already in place" in said) == (standing != current.name)
