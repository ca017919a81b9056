"""The command line: which verb is meant, and what is said of an error.

Belongs here: the parser, exit codes, and the one place where errors become messages. Does not belong
here: any verb (`registry`).
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from orchestration.commands.advice import in_words
from orchestration.commands.registry import VERBS
from orchestration.commands.verb import settings_of
from orchestration.errors import FAILED, INTERRUPTED, CitypanelError


def parser() -> argparse.ArgumentParser:
    """The verbs and their arguments."""
    main_parser = argparse.ArgumentParser(
        prog="citypanel", description="City yearbooks in, policy estimates out."
    )
    commands = main_parser.add_subparsers(dest="command", required=True)
    for verb in VERBS:
        one = commands.add_parser(verb.name, help=verb.help)
        verb.declare(one)
        one.set_defaults(run=verb.run)
    return main_parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; the exit code is 0, 1 for a failure, 2 for a call that can't be used.

    130 for one that was interrupted. An error that is none of ours is shown as it is: a fault.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # Chinese names on a terminal that has no Chinese
            stream.reconfigure(errors="backslashreplace")
    chosen = parser().parse_args(arguments)
    try:
        return int(chosen.run(chosen, settings_of(chosen)))
    except CitypanelError as error:
        said, code = str(error), error.exit_code
    except OSError as error:
        said, code = in_words(error), FAILED
    except KeyboardInterrupt:
        said, code = "interrupted; the last release stands", INTERRUPTED
    sys.stderr.write(f"citypanel {chosen.command}: {said}\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
