"""`citypanel rollback`: withdraw the release in place, and put the one before it (or another) back."""

from __future__ import annotations

import argparse

from orchestration.commands.verb import Verb, say, takes_decision
from orchestration.releases import decisions
from orchestration.releases.lock import give_back_lock, take_lock
from orchestration.settings import Settings


def declare(parser: argparse.ArgumentParser) -> None:
    """To which release, by whom and why."""
    parser.add_argument(
        "--to", help="number, vintage or folder of a release (default: the one before)"
    )
    takes_decision(parser)


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Go back; raises ReleaseError where there is nothing to go back to."""
    take_lock(settings)
    try:
        withdrawn, placed = decisions.roll_back(
            settings, arguments.to, by=arguments.by, why=arguments.why
        )
    finally:
        give_back_lock(settings)
    say(f"{placed.folder.name} is in place, {withdrawn.folder.name} is withdrawn")
    say("a refresh of the same input and code doesn't put it back; citypanel publish does")
    return 0


ROLLBACK = Verb("rollback", "withdraw the release in place and put an older one back", declare, run)
