"""What was decided about each release: a journal beside the archive, and the state that follows from it.

Belongs here: events, their file, and states. Does not belong here: links and folders (`place`), what a
release holds (`manifest`), the bounds of automatic publishing (`policy`).

A line is written before the link that it speaks of is swapped: the link says what is in place, the journal
who put it there and why. A line whose swap was killed is followed by another for the same release.
"""

from __future__ import annotations

import getpass
import json
import os
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from orchestration.releases.manifest import ReleaseError

What = Literal["draft", "published", "withdrawn", "rejected", "packed", "removed"]
WHATS: tuple[What, ...] = ("draft", "published", "withdrawn", "rejected", "packed", "removed")
DECIDED_BY = "CITYPANEL_BY"
"""Who decides, where the user of the machine says too little; `--by` goes before it."""


@dataclass(frozen=True)
class Event:
    """A line of the journal: what became of a release, when (UTC), by whom, why, in the place of which."""

    release: str
    what: What
    at: str
    by: str
    why: str
    replaces: str | None = None
    fingerprint: str = ""


def who(given: str | None = None) -> str:
    """Who decides: as given, or by CITYPANEL_BY, or the user of the machine."""
    if name := (given or os.environ.get(DECIDED_BY, "")).strip():
        return name
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container may have no name for its user
        return f"uid {os.getuid()}"


def record(
    journal: Path,
    release: str,
    what: What,
    *,
    by: str,
    why: str,
    replaces: str | None = None,
    fingerprint: str = "",
) -> Event:
    """Append an event, brought to the disk before anything relies on it."""
    event = Event(
        release, what, datetime.now(UTC).isoformat(timespec="seconds"), by, why, replaces, fingerprint
    )  # fmt: skip
    line = json.dumps(asdict(event), ensure_ascii=False) + "\n"
    # A killed write may have left half a line: what follows begins on its own.
    if journal.is_file() and journal.stat().st_size and not journal.read_bytes().endswith(b"\n"):
        line = "\n" + line
    with journal.open("a", encoding="utf-8") as file:
        file.write(line)
        file.flush()
        os.fsync(file.fileno())
    return event


def events(journal: Path) -> tuple[Event, ...]:
    """All events, oldest first; half a line that a killed write left at the end says nothing.

    Raises ReleaseError, with the line's number, for a line in the midst that can't be read.
    """
    if not journal.is_file():
        return ()
    lines = journal.read_text(encoding="utf-8").split("\n")
    found = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            told = json.loads(line)
            event = Event(**told)
            if event.what not in WHATS:
                raise ValueError(f"{event.what!r} is none of {', '.join(WHATS)}")
        except (ValueError, TypeError) as error:
            if not line.rstrip().endswith("}"):
                continue  # cut off by a kill
            raise ReleaseError(
                f"{journal}, line {number} can't be read: {error}. It is the journal of what was published:"
                " put the line right, or take it out"
            ) from error
        found.append(event)
    return tuple(found)


def states(journal: Path) -> dict[str, Event]:
    """The last decision about each release, by its name; packing is none."""
    return {event.release: event for event in events(journal) if event.what != "packed"}


def withdrawn_with(journal: Path, fingerprint: str) -> Event | None:
    """The event that withdrew or rejected what this fingerprint gives, where that is the last word on it."""
    last = None
    for event in events(journal):
        if event.fingerprint == fingerprint and event.what != "packed":
            last = event
    return last if last is not None and last.what in ("withdrawn", "rejected") else None


__all__ = ["DECIDED_BY", "Event", "What", "events", "record", "states", "who", "withdrawn_with"]
