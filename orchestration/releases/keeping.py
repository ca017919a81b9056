"""Which releases stay whole, which are packed, and which go: by the policy, under the lock.

Belongs here: the order of releases in the archive, and carrying the policy's `keep` out. Does not belong
here: how a release is packed (`objects`), what is decided about one (`decisions`).
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from orchestration.progress import log
from orchestration.releases import objects
from orchestration.releases.history import record, who
from orchestration.releases.manifest import Release, ReleaseError, read_release
from orchestration.releases.place import UNPLACED
from orchestration.releases.policy import Keep
from orchestration.settings import Settings

BY_ITSELF = "citypanel"
"""Who packs: nobody decides it."""


@dataclass(frozen=True)
class Plan:
    """What the policy asks of the archive: releases that stay whole, are to be packed, and are to go."""

    whole: tuple[Release, ...]
    pack: tuple[Release, ...]
    remove: tuple[Release, ...]


def archived(settings: Settings) -> tuple[Release, ...]:
    """All releases of the archive that were placed, whole or packed, oldest first."""
    if not settings.archive.is_dir():
        return ()
    folders = [
        path
        for path in sorted(settings.archive.iterdir())
        if path.name[:4].isdigit() and path.is_dir() and not (path / UNPLACED).is_file()
    ]
    found = [(path, read_release(path)) for path in folders]
    return tuple(Release(path, release.manifest) for path, release in found if release is not None)


def named(settings: Settings, name: str) -> Release:
    """A release of the archive by its folder's name, its number or its vintage; raises ReleaseError."""
    releases = archived(settings)
    found = [
        release
        for release in releases
        if name in (release.folder.name, release.manifest["vintage"])
        or (name.isdigit() and int(name) == int(release.folder.name[:4]))
    ]
    if found:
        return found[-1]  # a vintage made twice: the later one
    listed = ", ".join(release.folder.name for release in releases[-5:]) or "none"
    raise ReleaseError(
        f"no release {name!r} in {settings.archive}: expected a number, a vintage or a folder's name;"
        f" the last are {listed}"
    )


def plan(settings: Settings, keep: Keep) -> Plan:
    """What is to be done about the archive; the release in place and the draft always stay whole."""
    releases = archived(settings)
    linked = {
        link.resolve().name for link in (settings.current, settings.draft) if link.is_symlink()
    }
    newest = [release.folder.name for release in reversed(releases)]
    stay = set(newest if keep.releases is None else newest[: keep.releases]) | linked
    whole = set(newest[: keep.whole]) | linked
    kept = [release for release in releases if release.folder.name in stay]
    return Plan(
        tuple(r for r in kept if r.folder.name in whole or not _can_be_packed(r)),
        tuple(
            r
            for r in kept
            if r.folder.name not in whole and _can_be_packed(r) and not objects.is_packed(r.folder)
        ),
        tuple(r for r in releases if r.folder.name not in stay),
    )


def _can_be_packed(release: Release) -> bool:
    """Whether a manifest says what the files are; those of very old versions may not."""
    return bool(release.manifest.get("files"))


def pack_older(settings: Settings, keep: Keep) -> str:
    """Pack what the policy doesn't keep whole; what was done, in words ("" for nothing).

    A release whose files were changed is left as it is, and said so: it can't be made again from contents.
    """
    done = []
    for release in plan(settings, keep).pack:
        name = release.folder.name
        before = _size(release.folder)
        kin = [each for each in archived(settings) if each.folder.name != name]
        try:
            taken = objects.pack(settings.objects, release, kin)
        except (ReleaseError, OSError) as error:
            log.warning("! %s is not packed: %s", name, error)
            continue
        objects.lay_down(release, settings.release / ".build" / "packing")
        record(
            settings.journal, name, "packed", by=BY_ITSELF,
            why=f"only the last {keep.whole} are kept whole",
            fingerprint=release.manifest["fingerprint"],
        )  # fmt: skip
        done.append(f"packed {name}: {before / 1e6:.0f} MB took {taken / 1e6:.1f} MB")
    return "; ".join(done)


def whole(settings: Settings, release: Release) -> Release:
    """The release with all its files in place, unpacked where it was packed."""
    if not objects.is_packed(release.folder):
        return release
    return objects.stand_up(settings.objects, release, settings.release / ".build" / "unpacking")


def remove(settings: Settings, release: Release, *, by: str | None = None, why: str) -> None:
    """Take a release out of the archive; raises ReleaseError for the one in place and the draft."""
    name = release.folder.name
    for link in (settings.current, settings.draft):
        if link.is_symlink() and link.resolve().name == name:
            raise ReleaseError(f"{link} leads to {name}: it stays")
    record(
        settings.journal, name, "removed", by=who(by), why=why,
        fingerprint=release.manifest["fingerprint"],
    )  # fmt: skip
    away = settings.release / ".build" / "removing" / name
    shutil.rmtree(away, ignore_errors=True)
    away.parent.mkdir(parents=True, exist_ok=True)
    release.folder.rename(away)
    shutil.rmtree(away, ignore_errors=True)


def clear_objects(settings: Settings) -> int:
    """Delete contents that no packed release needs any more; bytes gained."""
    packed = [each for each in archived(settings) if objects.is_packed(each.folder)]
    return objects.clear(settings.objects, packed)


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


__all__ = ["Plan", "archived", "clear_objects", "named", "pack_older", "plan", "remove", "whole"]
