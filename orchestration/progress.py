"""What a refresh says while it runs: one line per step with its count and its seconds.

Belongs here: the logger and its two handlers. Does not belong here: what is said (each step knows).
"""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

log = logging.getLogger("citypanel")


class Note:
    """The words that end a step's line; the step fills them in."""

    def __init__(self) -> None:
        self.text = ""


@contextmanager
def step(name: str) -> Iterator[Note]:
    """Announce a step, and say how it ended and how long it took."""
    note = Note()
    begun = time.perf_counter()
    log.info("· %s …", name)
    try:
        yield note
    except BaseException:
        log.error("✗ %s failed after %.1f s", name, time.perf_counter() - begun)
        raise
    counted = f": {note.text}" if note.text else ""
    log.info("✓ %s%s (%.1f s)", name, counted, time.perf_counter() - begun)


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
