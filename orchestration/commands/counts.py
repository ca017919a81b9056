"""`citypanel counts`: rows per mart and year of the release in place, written as expected or compared."""

from __future__ import annotations

import argparse

from orchestration.commands.verb import Verb, release_in_place, say, takes_release
from orchestration.errors import FAILED, NotFound
from orchestration.settings import Settings

ACTIONS = {
    "write": "take the release in place as what is expected",
    "check": "compare the release in place with what is expected",
}


def declare(parser: argparse.ArgumentParser) -> None:
    """What to do, and of which input the release is."""
    actions = parser.add_subparsers(dest="action", required=True)
    for action, what in ACTIONS.items():
        one = actions.add_parser(action, help=what)
        one.add_argument("input", help="name of the input, as sample or shared_panels")
        takes_release(one)


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Write the rows of the release in place as those expected of an input, or compare them."""
    from orchestration.refresh.row_counts import (
        SEED,
        compare,
        count_release,
        in_short,
        read_expected,
        refuse_other_kind,
        write_expected,
    )

    name = arguments.input
    release = release_in_place(settings)
    if release is None:
        return FAILED
    refuse_other_kind(name, release)
    found = count_release(release)
    if arguments.action == "write":
        changed = write_expected(name, found)
        for line in in_short(changed):
            say(line)
        say(f"{len(found)} counts of {name} written to {SEED.name}, {len(changed)} of them changed")
        return 0
    expected = read_expected().get(name)
    if expected is None:
        raise NotFound(
            f"no counts of {name!r} in {SEED.name}; write them with: citypanel counts write {name}"
        )
    wrong = compare(expected, found)
    for line in in_short(wrong):
        say(line)
    if wrong:
        say(f"if these are right: citypanel counts write {name}, and review the difference in git")
        return FAILED
    say(f"all {len(expected)} counts of {name} are as expected")
    return 0


COUNTS = Verb("counts", "rows per mart and year, expected and found", declare, run)
