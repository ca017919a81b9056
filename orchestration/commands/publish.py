"""`citypanel publish`: put a draft, or another release of the archive, in place; or let a draft wait no more."""

from __future__ import annotations

import argparse

from orchestration.commands.verb import Verb, say, takes_decision
from orchestration.releases import decisions, keeping
from orchestration.releases.lock import give_back_lock, take_lock
from orchestration.releases.manifest import ReleaseError
from orchestration.releases.place import waiting_draft
from orchestration.releases.policy import read_policy
from orchestration.settings import Settings


def declare(parser: argparse.ArgumentParser) -> None:
    """Which release, by whom and why; or --reject."""
    parser.add_argument(
        "name",
        nargs="?",
        help="number, vintage or folder of a release (default: the draft that waits)",
    )
    parser.add_argument("--reject", action="store_true", help="let the draft wait no more")
    takes_decision(parser)


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Decide about a draft; raises ReleaseError where there is none, or the release named isn't whole."""
    policy = read_policy(settings.publishing)
    take_lock(settings)
    try:
        draft = waiting_draft(settings)
        if arguments.name is None and draft is None:
            raise ReleaseError(
                f"no draft waits in {settings.release}: name a release, see citypanel vintages"
            )
        if arguments.reject:
            asked = keeping.named(settings, arguments.name) if arguments.name else draft
            if draft is None or asked is None or asked.folder.name != draft.folder.name:
                raise ReleaseError(
                    f"{arguments.name} is no draft that waits: only that can be rejected"
                )
            decisions.reject(settings, draft, by=arguments.by, why=arguments.why)
            say(f"{draft.folder.name} is rejected; it stays in the archive")
            return 0
        release = keeping.named(settings, arguments.name) if arguments.name else draft
        assert release is not None
        placed = decisions.publish(settings, release, by=arguments.by, why=arguments.why)
        say(f"{placed.folder.name} is in place")
        if done := keeping.pack_older(settings, policy.keep):
            say(done)
    finally:
        give_back_lock(settings)
    return 0


PUBLISH = Verb("publish", "put the draft, or a release of the archive, in place", declare, run)
