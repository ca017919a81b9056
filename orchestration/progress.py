"""What a refresh says while it runs: one line per step with its count and its seconds.

Belongs here: the logger, its two handlers and the files they write to. Does not belong here: what is
said (each step knows).
"""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from orchestration.interrupt import never_lost

log = logging.getLogger("citypanel")

SILENCE = 2.0
"""Seconds after which a long step says how far it is."""

KEPT_LOGS = 20
"""Log files of earlier runs that are kept in a state folder."""

LATEST = "refresh.log"
LOG_NAMES = "refresh-*Z-*.log"

T = TypeVar("T")


class Note:
    """The words that end a step's line; the step fills them in."""

    def __init__(self) -> None:
        self.text = ""


@contextmanager
def step(name: str) -> Iterator[Note]:
    """Announce a step, and say how it ended and how long it took; an interrupt ends it for certain."""
    note = Note()
    begun = time.perf_counter()
    log.info("· %s …", name)
    try:
        with never_lost():
            yield note
    except BaseException:
        log.error("✗ %s failed after %.1f s", name, time.perf_counter() - begun)
        raise
    counted = f": {note.text}" if note.text else ""
    log.info("✓ %s%s (%.1f s)", name, counted, time.perf_counter() - begun)


def counted(items: Sequence[T], what: str) -> Iterator[T]:
    """Go through items; where that takes long, say every two seconds how many are done."""
    told = time.perf_counter()
    for done, item in enumerate(items):
        if time.perf_counter() - told >= SILENCE:
            told = time.perf_counter()
            log.info("  … %s of %s %s", f"{done:,}", f"{len(items):,}", what)
        yield item


@contextmanager
def told(how_far: Callable[[], str]) -> Iterator[None]:
    """While the block runs long, say every two seconds how far it is; a thread of its own asks."""
    done = threading.Event()

    def tell() -> None:
        while not done.wait(SILENCE):
            log.info("  … %s", how_far())

    teller = threading.Thread(target=tell, name="progress", daemon=True)
    teller.start()
    try:
        yield
    finally:
        done.set()
        teller.join()


class _Elapsed(logging.Formatter):
    """Seconds since the refresh began, before each line."""

    def __init__(self) -> None:
        super().__init__("%(message)s")
        self._begun = time.perf_counter()

    def format(self, record: logging.LogRecord) -> str:
        """The line with its seconds."""
        return f"{time.perf_counter() - self._begun:6.1f}s  {super().format(record)}"


def show_progress(log_file: Path | None) -> None:
    """Send progress to standard error, and to a file where one is given."""
    log.setLevel(logging.DEBUG)
    log.propagate = False
    log.handlers.clear()
    screen = logging.StreamHandler(sys.stderr)
    screen.setLevel(logging.INFO)
    screen.setFormatter(_Elapsed())
    log.addHandler(screen)
    if log_file:
        log_file.parent.mkdir(parents=True, exist_ok=True)
        kept = logging.FileHandler(log_file, mode="w", encoding="utf-8")
        kept.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
        log.addHandler(kept)


def new_log(folder: Path) -> Path:
    """The log file of this run, empty; of earlier ones the last `KEPT_LOGS` stay."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in sorted(folder.glob(LOG_NAMES))[:-KEPT_LOGS]:
        old.unlink(missing_ok=True)
    path = folder / f"refresh-{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{os.getpid()}.log"
    path.touch()
    return path


def name_latest(log_file: Path) -> None:
    """Let `refresh.log` lead to the log of this run."""
    link = log_file.with_name(f".{LATEST}.{os.getpid()}")
    link.unlink(missing_ok=True)
    link.symlink_to(log_file.name)
    link.replace(log_file.with_name(LATEST))


def drop_log(log_file: Path) -> None:
    """Remove the log of a run that did nothing, so that those of runs that did are kept longer."""
    for handler in log.handlers[:]:
        if isinstance(handler, logging.FileHandler):
            log.removeHandler(handler)
            handler.close()
    log_file.unlink(missing_ok=True)
