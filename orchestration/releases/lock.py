"""One refresh at a time per folder of releases, and only in a folder that is one.

Belongs here: the lock, and what is refused before it is taken. Does not belong here: what killed
refreshes left behind (`place`, which the lock's holder calls).
"""

from __future__ import annotations

import fcntl
from pathlib import Path
from typing import IO

from orchestration.releases.manifest import MANIFEST, ReleaseError, read_release
from orchestration.releases.place import clear_private_builds
from orchestration.settings import Settings

LOCK = ".lock"


def refuse_sample_over_published(settings: Settings) -> None:
    """Keep simulated figures from taking the place of published ones; raises ReleaseError."""
    if not settings.is_sample:
        return
    release = read_release(settings.current)
    if release is None and settings.current.exists():
        raise ReleaseError(
            f"{settings.current} has no readable {MANIFEST}, so it may hold published figures and the"
            " sample is simulated: give INBOX=folder/of/yearbooks, or RELEASE=another/folder for the sample"
        )
    if release and release.manifest.get("data_kind") == "published":
        raise ReleaseError(
            f"{settings.current} holds published figures and the sample is simulated:"
            " give INBOX=folder/of/yearbooks, or RELEASE=another/folder for the sample"
        )


def refuse_folders(settings: Settings) -> None:
    """Keep releases out of the inbox, and out of folders that hold something else; raises ReleaseError."""
    for what, path in (("releases", settings.release), ("state", settings.state)):
        if settings.inbox is not None and path.is_relative_to(settings.inbox):
            raise ReleaseError(
                f"the folder of {what}, {path}, lies in the inbox {settings.inbox} and would be read as"
                " yearbooks: keep yearbook files in a folder of their own"
            )
    if settings.current.is_dir() and not settings.current.is_symlink():
        raise ReleaseError(
            f"{settings.current} is a folder, and a link to a release is expected there: move it away,"
            " or give RELEASE=another/folder"
        )
    is_ours = (settings.release / LOCK).is_file() or read_release(settings.current)
    if settings.release.is_dir() and not is_ours:
        others = [
            path.name
            for path in sorted(settings.release.iterdir())
            if not settings.state.is_relative_to(path) and path != settings.publishing
        ]
        if others:
            raise ReleaseError(
                f"{settings.release} is no folder of releases, it holds {', '.join(others[:3])}"
                + (f" and {len(others) - 3} more" if len(others) > 3 else "")
                + ": give RELEASE= a new or empty folder"
            )


_held: dict[Path, IO[str]] = {}


def take_lock(settings: Settings) -> None:
    """One refresh at a time per release folder; the lock goes with the process, however it ends.

    Clears what killed refreshes left behind. Raises ReleaseError while another process refreshes,
    and for folders that can't be used.
    """
    if settings.release in _held:
        return
    refuse_folders(settings)
    settings.release.mkdir(parents=True, exist_ok=True)
    file = (settings.release / LOCK).open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise ReleaseError(
            f"another refresh is at work on {settings.release}: wait for it, or give RELEASE=another/folder"
        ) from None
    _held[settings.release] = file
    clear_private_builds(settings)


def give_back_lock(settings: Settings) -> None:
    """Let other processes refresh."""
    file = _held.pop(settings.release, None)
    if file is not None:
        file.close()
