"""What to do about an answer of the operating system.

Belongs here: advice by the system's words. Does not belong here: our own errors, which say it themselves.
"""

from __future__ import annotations

import errno
import os

ADVICE = {
    os.strerror(errno.ENOSPC): "free some space and refresh again",
    os.strerror(errno.EDQUOT): "free some space and refresh again",
    os.strerror(errno.EACCES): "check who may read and write there",
    os.strerror(errno.EPERM): "check who may read and write there",
    os.strerror(errno.EROFS): "give a folder that can be written to",
    os.strerror(errno.ENOTDIR): "a part of this path is a file: give another folder",
}
"""What to do about an answer of the system, by its words: libraries hand on those alone."""


def in_words(error: OSError) -> str:
    """What the system refused, where, and what to do."""
    if error.strerror is None:
        return str(error)
    said = f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return f"{said}; {ADVICE[error.strerror]}" if error.strerror in ADVICE else said
