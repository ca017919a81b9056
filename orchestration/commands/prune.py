"""`citypanel prune`: carry out what the policy keeps; says first what would be done, and does it with --do."""

from __future__ import annotations

import argparse
from dataclasses import replace

from orchestration.commands.verb import Verb, say, takes_release
from orchestration.releases import keeping
from orchestration.releases.lock import give_back_lock, take_lock
from orchestration.releases.manifest import ReleaseError
from orchestration.releases.policy import read_policy
from orchestration.settings import Settings


def declare(parser: argparse.ArgumentParser) -> None:
    """How many releases stay, and whether to do it."""
    takes_release(parser)
    parser.add_argument(
        "--keep", type=int, help="releases that stay (default: keep.releases of publishing.yml)"
    )
    parser.add_argument("--do", action="store_true", help="do it; without, it is only said")


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Say or do what the policy asks of the archive; raises ReleaseError for a number below 1."""
    keep = read_policy(settings.publishing).keep
    if arguments.keep is not None:
        if arguments.keep < 1:
            raise ReleaseError(f"--keep is {arguments.keep}: expected a whole number of 1 or more")
        keep = replace(keep, releases=arguments.keep)
    if arguments.do:
        take_lock(settings)
    try:
        planned = keeping.plan(settings, keep)
        rule = "every release stays" if keep.releases is None else f"the last {keep.releases} stay"
        say(
            f"rule: {rule}, the last {keep.whole} whole, the others packed; the one in place and the draft always"
        )
        for release in planned.remove:
            say(f"{'removed' if arguments.do else 'would remove'} {release.folder.name}")
            if arguments.do:
                keeping.remove(settings, release, why=f"pruned: {rule}")
        if arguments.do:
            if done := keeping.pack_older(settings, keep):
                say(done)
            say(
                f"{keeping.clear_objects(settings) / 1e6:.1f} MB of contents that nothing needs are gone"
            )
        else:
            for release in planned.pack:
                say(f"would pack {release.folder.name}")
            if planned.remove or planned.pack:
                say("nothing was done: --do does it")
            else:
                say("there is nothing to do")
    finally:
        if arguments.do:
            give_back_lock(settings)
    return 0


PRUNE = Verb(
    "prune", "clear the archive by the policy's rule (says first, --do does it)", declare, run
)
