"""`citypanel vintages`: every re-estimation that is kept, its state, and what it was made from."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from typing import Any

from orchestration.commands.verb import Verb, say, takes_release
from orchestration.fingerprint import combine
from orchestration.releases import keeping
from orchestration.releases.history import Event, events, states
from orchestration.releases.manifest import Release
from orchestration.releases.objects import is_packed
from orchestration.settings import Settings

SHOWN = ("release", "state", "made", "input", "seeds", "studies", "code", "lock")


def declare(parser: argparse.ArgumentParser) -> None:
    """The form of the answer."""
    takes_release(parser)
    parser.add_argument("--json", action="store_true", help="all that is known, for programs")
    parser.add_argument("--log", action="store_true", help="every decision, oldest first")


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """List the releases of the archive, or the journal."""
    if arguments.log:
        for event in events(settings.journal):
            after = f" in the place of {event.replaces}" if event.replaces else ""
            say(f"{event.at}  {event.what:<9} {event.release}{after}, by {event.by}: {event.why}")
        return 0
    said = states(settings.journal)
    told = [about(settings, release, said) for release in keeping.archived(settings)]
    if arguments.json:
        say(json.dumps(told, ensure_ascii=False, indent=1))
        return 0
    if not told:
        say(f"no release in {settings.release}; make one with: make refresh")
        return 0
    widths = {name: max(len(name), *(len(str(row[name])) for row in told)) for name in SHOWN}
    say("  ".join(f"{name:<{widths[name]}}" for name in SHOWN).rstrip())
    for row in told:
        say("  ".join(f"{row[name]!s:<{widths[name]}}" for name in SHOWN).rstrip())
    return 0


def about(settings: Settings, release: Release, said: Mapping[str, Event]) -> dict[str, Any]:
    """What is known of a release: its state, and hashes of what it was made from."""
    manifest, name = release.manifest, release.folder.name
    parts = manifest.get("made_from") or {}
    event = said.get(name)
    state: str = event.what if event else "published"
    if settings.current.is_symlink() and settings.current.resolve().name == name:
        state = "in place"
    elif state == "published":
        state = "replaced"
    return {
        "release": name,
        "state": state + (", packed" if is_packed(release.folder) else ""),
        "made": manifest.get("created_at", ""),
        "data_kind": manifest.get("data_kind", ""),
        "input": _short(parts, "inputs"),
        "seeds": _short(parts, "seeds"),
        "studies": _short(parts, "studies"),
        "code": manifest.get("code_version", ""),
        "lock": _short(parts, "lock"),
        "fingerprint": manifest["fingerprint"],
        "decided_by": event.by if event else "",
        "decided_at": event.at if event else "",
        "why": event.why if event else "",
        "replaces": event.replaces if event else None,
        "study_files": parts.get("studies", {}),
    }


def _short(parts: Mapping[str, Mapping[str, str]], part: str) -> str:
    """Eight digits for a part; a dash for a release of before it was written down."""
    return combine(parts[part].items())[:8] if part in parts else "-"


VINTAGES = Verb(
    "vintages", "every release that is kept, its state and what it was made from", declare, run
)
