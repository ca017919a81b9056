"""What a verb of the command line is, and what verbs share.

Belongs here: the declaration, arguments that several verbs take, and the answer on the screen. Does
not belong here: any verb.
"""

from __future__ import annotations

import argparse
import logging
import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from orchestration.releases.manifest import Release, read_release
from orchestration.settings import Settings


@dataclass(frozen=True)
class Verb:
    """A verb of `citypanel`.

    `declare` adds its arguments to a parser, `run` does the work and returns the exit code. What `run`
    raises is said by `main`.
    """

    name: str
    help: str
    declare: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace, Settings], int]


def say(text: str = "") -> None:
    """A line of the answer."""
    sys.stdout.write(text + "\n")


def takes_release(parser: argparse.ArgumentParser) -> None:
    """Declare --release."""
    parser.add_argument("--release", help="folder of releases (default: release)")


def settings_of(arguments: argparse.Namespace) -> Settings:
    """The settings of the environment, with what the call says otherwise; they go back into it."""
    settings = Settings.from_environment()
    if getattr(arguments, "inbox", None):
        settings = replace(settings, inbox=Path(arguments.inbox).expanduser().resolve())
    if getattr(arguments, "release", None):
        settings = replace(settings, release=Path(arguments.release).expanduser().resolve())
    settings.into_environment()
    return settings


def takes_decision(parser: argparse.ArgumentParser) -> None:
    """Declare --release, --by and --why."""
    takes_release(parser)
    parser.add_argument(
        "--by", help="who decides (default: CITYPANEL_BY, or the user of the machine)"
    )
    parser.add_argument("--why", required=True, help="the reason, for the journal")


def release_in_place(settings: Settings) -> Release | None:
    """The release that a question is about; says so where there is none."""
    release = read_release(settings.current)
    if release is None:
        say(f"no release in {settings.release}; make one with: make refresh")
    return release


def quiet_libraries() -> None:
    """Keep the screen for what the command itself says."""
    warnings.filterwarnings("ignore", module="dagster|dbt|great_expectations")
    for name in ("dagster", "great_expectations", "dbt", "matplotlib"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
