"""`citypanel diff A B`: what moved from one release to another, and why its headline estimates did."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from orchestration.commands.verb import Verb, say, takes_release
from orchestration.errors import CitypanelError
from orchestration.releases import keeping, objects
from orchestration.releases.manifest import Release, read_release
from orchestration.settings import Settings


def declare(parser: argparse.ArgumentParser) -> None:
    """Two releases, and where to write."""
    parser.add_argument("before", help="number, vintage or folder of the earlier release")
    parser.add_argument(
        "after",
        nargs="?",
        help="the later one (default: the release in place, or the draft where that is it)",
    )
    parser.add_argument(
        "--to", help="a file for all of it in Markdown; without, the screen has the first rows"
    )
    takes_release(parser)


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Compare two releases; packed ones are unpacked into a folder of their own, which goes afterwards."""
    from orchestration.changes.compare import LISTED, compare
    from orchestration.changes.movement import Movement, movements
    from orchestration.changes.text import NAMED, markdown

    earlier = keeping.named(settings, arguments.before)
    later = (
        keeping.named(settings, arguments.after) if arguments.after else _latest(settings, earlier)
    )
    with opened(settings, earlier) as before, opened(settings, later) as after:
        changes = compare(before, after)
        moved: tuple[Movement, ...] = ()
        untold = ""
        try:
            moved = movements(before, after)
        except CitypanelError as error:
            untold = str(error)
        text = markdown(
            changes,
            moved,
            untold,
            simulated=after.manifest["data_kind"] == "simulated",
            listed=10 * LISTED if arguments.to else NAMED,
        )
    if arguments.to:
        target = Path(arguments.to).expanduser()
        target.write_text(text, encoding="utf-8")
        say(f"written to {target}")
    else:
        say(text.rstrip())
    return 0


def _latest(settings: Settings, earlier: Release) -> Release:
    """The release in place; the draft where the earlier one is in place itself."""
    current = settings.current.resolve().name
    if earlier.folder.name == current and settings.draft.is_symlink():
        return keeping.named(settings, settings.draft.resolve().name)
    return keeping.named(settings, current)


@contextmanager
def opened(settings: Settings, release: Release) -> Iterator[Release]:
    """A release with all its files: itself, or unpacked for the block into a temporary folder."""
    if not objects.is_packed(release.folder):
        yield release
        return
    with tempfile.TemporaryDirectory(prefix="citypanel-") as folder:
        whole = Path(folder) / release.folder.name
        whole.mkdir()
        objects.unpack(settings.objects, release, whole)
        found = read_release(whole)
        assert found is not None
        yield found


DIFF = Verb("diff", "what moved between two releases, and why estimates did", declare, run)
