"""Ctrl-C that no library can swallow.

Belongs here: holding on to an interrupt until it has been raised where nothing catches it. Does not
belong here: what a command says when it was interrupted (`commands`).

Libraries have handlers without a name of an exception (reading dbt's parse goes through such ones):
an interrupt that arrives inside one of them is gone, and the refresh would go on to a release. One
that arrives in a destructor or in another call that can't fail is printed by Python, and gone too.
"""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

HEARD = (signal.SIGINT, signal.SIGTERM)
"""Dagster treats both alike."""


@contextmanager
def never_lost() -> Iterator[None]:
    """Raise an interrupt that came inside the block at its end, if it was lost on the way.

    It is raised as who asked for it before would (KeyboardInterrupt, or Dagster's own), also in the
    place of an exception into which a library turned it. Signals reach the main thread alone: in
    others this does nothing.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    asked = {number: signal.getsignal(number) for number in HEARD}
    came: list[int] = []

    def hear(number: int, frame: FrameType | None) -> None:
        came.append(number)
        hand_on(number, frame)

    def hand_on(number: int, frame: FrameType | None) -> None:
        handler = asked[signal.Signals(number)]
        if callable(handler):
            handler(number, frame)

    report = sys.unraisablehook

    def keep_quiet(unraised: sys.UnraisableHookArgs) -> None:
        if not came or issubclass(unraised.exc_type, Exception):
            report(unraised)

    for number, handler in asked.items():
        if callable(handler):
            signal.signal(number, hear)
    sys.unraisablehook = keep_quiet
    try:
        yield
    finally:
        sys.unraisablehook = report
        for number, handler in asked.items():
            if callable(handler):
                signal.signal(number, handler)
        if came:
            hand_on(came[0], None)
