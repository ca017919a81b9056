"""The places of releases: the link to the one in place and to the draft, each swapped by one rename.

Belongs here: keeping a build in the archive, swapping links, what killed refreshes left behind, and
whether a refresh is needed. Does not belong here: the lock (`lock`), who decided (`history`), what is in
the tables.
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
from orchestration.releases.objects import finish_laying_down
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


def waiting_draft(settings: Settings) -> Release | None:
    """The draft that waits for a decision; None without one, or where it is in place already."""
    draft = read_release(settings.draft)
    if draft is None or draft.folder == settings.current.resolve():
        return None
    return draft


def clear_private_builds(settings: Settings) -> None:
    """Remove what killed refreshes left behind; only under the lock.

    A release that was archived and never put in place goes too: nobody has seen it, and the
    refresh that follows makes it again.
    """
    for mark in sorted(settings.archive.glob(f"*/{UNPLACED}")):
        never_in_place = mark.parent
        if never_in_place.resolve() in (settings.current.resolve(), settings.draft.resolve()):
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
    finish_laying_down(settings.archive)
    shutil.rmtree(settings.release / ".build", ignore_errors=True)
    for link in (settings.current, settings.draft):
        for leftover in settings.release.glob(f".{link.name}.*"):
            leftover.unlink(missing_ok=True)


def keep(settings: Settings, build: Path, vintage: str) -> Path:
    """Move a finished build into the archive; until a link leads to it, it is marked as unplaced."""
    settings.archive.mkdir(parents=True, exist_ok=True)
    numbers = [int(path.name[:4]) for path in settings.archive.iterdir() if path.name[:4].isdigit()]
    kept = settings.archive / f"{max(numbers, default=0) + 1:04d}-{vintage}"
    (build / UNPLACED).touch()
    build.rename(kept)
    return kept


def lead_to(settings: Settings, link: Path, kept: Path) -> Release:
    """Make a link (`current` or `draft`) lead to a release of the archive, by one rename.

    Raises ReleaseError where it can't be read back.
    """
    new = settings.release / f".{link.name}.{os.getpid()}"
    new.symlink_to(kept.relative_to(settings.release))
    new.replace(link)
    (kept / UNPLACED).unlink(missing_ok=True)
    _sync(settings.release)
    release = read_release(link)
    if release is None:
        raise ReleaseError(f"{link} can't be read back: check the disk")
    return release


def put_in_place(settings: Settings, build: Path, vintage: str) -> Release:
    """Move a finished build into the archive and make it the current release by one rename."""
    return lead_to(settings, settings.current, keep(settings, build, vintage))


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
