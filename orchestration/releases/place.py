"""The place of the release: one link, swapped by one rename; older releases are kept beside it.

Belongs here: swapping, what killed refreshes left behind, and whether a refresh is needed. Does not
belong here: the lock (`lock`), what is in the tables.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from orchestration.progress import log
from orchestration.releases.manifest import (
    MANIFEST,
    Release,
    ReleaseError,
    differences,
    read_release,
)
from orchestration.settings import Settings

UNPLACED = ".unplaced"
"""Marks a folder of the archive until it has been the release in place."""


def is_up_to_date(settings: Settings, fingerprint: str) -> Release | None:
    """The release in place when it is whole and made from the same input and code; else None.

    Says so where the one in place is damaged.
    """
    release = read_release(settings.current)
    if release is None:
        if settings.current.is_symlink():
            log.warning("! %s leads to no release with a readable %s", settings.current, MANIFEST)
        return None
    wrong = differences(release)
    if wrong:
        log.warning("! the release in place is damaged: %s", "; ".join(wrong))
        return None
    return release if release.manifest["fingerprint"] == fingerprint else None


def clear_private_builds(settings: Settings) -> None:
    """Remove what killed refreshes left behind; only under the lock.

    A release that was archived and never put in place goes too: nobody has seen it, and the
    refresh that follows makes it again.
    """
    for mark in sorted(settings.archive.glob(f"*/{UNPLACED}")):
        never_in_place = mark.parent
        if never_in_place.resolve() == settings.current.resolve():
            mark.unlink()
            continue
        away = settings.build(never_in_place.name)  # first by one rename: no half of it may stay
        shutil.rmtree(away, ignore_errors=True)
        away.parent.mkdir(exist_ok=True)
        never_in_place.rename(away)
        log.warning(
            "! removed %s: the refresh that made it was killed before it put it in place",
            never_in_place,
        )
    shutil.rmtree(settings.release / ".build", ignore_errors=True)
    for leftover in settings.release.glob(".current.*"):
        leftover.unlink(missing_ok=True)


def put_in_place(settings: Settings, build: Path, vintage: str) -> Release:
    """Move a finished build into the archive and make it the current release by one rename."""
    settings.archive.mkdir(parents=True, exist_ok=True)
    numbers = [int(path.name[:4]) for path in settings.archive.iterdir() if path.name[:4].isdigit()]
    kept = settings.archive / f"{max(numbers, default=0) + 1:04d}-{vintage}"
    (build / UNPLACED).touch()
    build.rename(kept)
    link = settings.release / f".current.{os.getpid()}"
    link.symlink_to(kept.relative_to(settings.release))
    link.replace(settings.current)
    (kept / UNPLACED).unlink()
    _sync(settings.release)
    release = read_release(settings.current)
    if release is None:
        raise ReleaseError(f"{settings.current} can't be read back: check the disk")
    return release


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
