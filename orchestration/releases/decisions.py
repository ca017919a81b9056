"""Publishing a draft, rejecting it, and going back: a line in the journal, then one rename.

Belongs here: what each decision does to links and journal. Does not belong here: who may decide, bounds
(`orchestration.changes.verdict`), folders (`keeping`, `place`). All of it under the lock.
"""

from __future__ import annotations

from orchestration.releases import keeping
from orchestration.releases.history import record, states, who
from orchestration.releases.manifest import Release, ReleaseError, differences, read_release
from orchestration.releases.place import lead_to, waiting_draft
from orchestration.settings import Settings


def publish(settings: Settings, release: Release, *, by: str | None = None, why: str) -> Release:
    """Put a release of the archive in place; raises ReleaseError where it isn't whole or is in place already.

    A draft that waits while another release is published is rejected by that.
    """
    name, standing = release.folder.name, read_release(settings.current)
    if standing and standing.folder.name == name:
        raise ReleaseError(f"{name} is in place already")
    if standing and standing.manifest.get("data_kind") != release.manifest.get("data_kind"):
        raise ReleaseError(
            f"{name} holds {release.manifest.get('data_kind')} figures and the release in place"
            f" {standing.manifest.get('data_kind')}: it is not put in its place"
        )
    release = keeping.whole(settings, release)
    if wrong := differences(release):
        raise ReleaseError(f"{name} is damaged and not published: {'; '.join(wrong)}")
    record(
        settings.journal, name, "published", by=who(by), why=why,
        replaces=standing.folder.name if standing else None,
        fingerprint=release.manifest["fingerprint"],
    )  # fmt: skip
    placed = lead_to(settings, settings.current, release.folder)
    draft = read_release(settings.draft)
    if draft is not None and draft.folder.name != name and _waits(settings, draft):
        reject(settings, draft, by=by, why=f"{name} was published in its place")
    settings.draft.unlink(missing_ok=True)
    return placed


def leave_draft(settings: Settings, release: Release, *, why: str) -> Release:
    """Make a release of the archive the draft that waits; an older one that waits is replaced."""
    waiting = waiting_draft(settings)
    if waiting is not None and waiting.folder.name != release.folder.name:
        reject(settings, waiting, why=f"{release.folder.name} was made after it")
    record(
        settings.journal, release.folder.name, "draft", by=who(), why=why,
        fingerprint=release.manifest["fingerprint"],
    )  # fmt: skip
    return lead_to(settings, settings.draft, release.folder)


def reject(settings: Settings, draft: Release, *, by: str | None = None, why: str) -> None:
    """Let a draft wait no more; it stays in the archive."""
    record(
        settings.journal, draft.folder.name, "rejected", by=who(by), why=why,
        fingerprint=draft.manifest["fingerprint"],
    )  # fmt: skip
    if settings.draft.is_symlink() and settings.draft.resolve().name == draft.folder.name:
        settings.draft.unlink()


def roll_back(
    settings: Settings, to: str | None = None, *, by: str | None = None, why: str
) -> tuple[Release, Release]:
    """Withdraw the release in place and put an older one in its place: (withdrawn, in place now).

    Without `to` it is the one that was in place before. The next refresh of what gave the withdrawn one
    doesn't put it back by itself. Raises ReleaseError where there is nothing to go back to.
    """
    standing = read_release(settings.current)
    if standing is None:
        raise ReleaseError(
            f"no release is in place in {settings.release}: there is nothing to go back from"
        )
    target = keeping.named(settings, to) if to else _before(settings, standing)
    if target.folder.name == standing.folder.name:
        raise ReleaseError(
            f"{target.folder.name} is the one in place: name another, see citypanel vintages"
        )
    target = keeping.whole(settings, target)
    if wrong := differences(target):
        raise ReleaseError(
            f"{target.folder.name} is damaged, so the one in place stays: {'; '.join(wrong)}"
        )
    record(
        settings.journal, standing.folder.name, "withdrawn", by=who(by), why=why,
        fingerprint=standing.manifest["fingerprint"],
    )  # fmt: skip
    record(
        settings.journal, target.folder.name, "published", by=who(by),
        why=f"back from {standing.folder.name}: {why}",
        replaces=standing.folder.name, fingerprint=target.manifest["fingerprint"],
    )  # fmt: skip
    return standing, lead_to(settings, settings.current, target.folder)


def _waits(settings: Settings, release: Release) -> bool:
    """Whether the last word about a release is that it waits."""
    said = states(settings.journal).get(release.folder.name)
    return said is not None and said.what == "draft"


def _before(settings: Settings, standing: Release) -> Release:
    """The release that was in place before: the newest older one that was published and not withdrawn.

    Those of before there was a journal count as published.
    """
    said = states(settings.journal)
    older = [
        release
        for release in keeping.archived(settings)
        if int(release.folder.name[:4]) < int(standing.folder.name[:4])
        and release.manifest.get("data_kind") == standing.manifest.get("data_kind")
        and (release.folder.name not in said or said[release.folder.name].what == "published")
    ]
    if not older:
        raise ReleaseError(
            f"no published release is older than {standing.folder.name}: there is nothing to go back to;"
            " citypanel vintages lists what there is, and --to names one"
        )
    return older[-1]


__all__ = ["leave_draft", "publish", "reject", "roll_back"]
