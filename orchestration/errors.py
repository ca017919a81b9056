"""What stops a command with a message: the base class, and the exit codes that go with it.

Belongs here: what all such errors share. Does not belong here: the errors of a room (beside what
raises them), and how they are printed (`commands`).

An error of any other class is a fault of the program, and is shown as one.
"""

from __future__ import annotations

FAILED, MISUSED, INTERRUPTED = 1, 2, 130
"""Exit codes: the work failed, the call or its input can't be used, Ctrl-C."""


class CitypanelError(Exception):
    """Something that the user can mend; the message names it, what was expected and what to do."""

    exit_code = MISUSED


class NotFound(CitypanelError, LookupError):
    """A name that nothing has; the message says what there is instead."""
