"""`citypanel status`: which release is in place, and whether it is whole."""

from __future__ import annotations

import argparse

from orchestration.commands.verb import Verb, release_in_place, say, takes_release
from orchestration.errors import FAILED
from orchestration.releases.manifest import differences
from orchestration.settings import Settings


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Say which release is in place and whether it is whole."""
    release = release_in_place(settings)
    if release is None:
        return FAILED
    wrong = differences(release)
    say(f"release   {release.folder}")
    made = release.manifest["created_at"]
    say(f"vintage   {release.manifest['vintage']} ({release.manifest['data_kind']}), made {made}")
    say("whole     " + ("yes, all checksums agree" if not wrong else "NO: " + "; ".join(wrong)))
    return FAILED if wrong else 0


STATUS = Verb("status", "which release is in place, and is it whole", takes_release, run)
