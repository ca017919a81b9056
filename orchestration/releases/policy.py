"""The policy of publishing: what goes out by itself, what waits for a person, and how much is kept.

Belongs here: the file `publishing.yml` beside the releases, its defaults, and reading it. Does not belong
here: whether a release is within the bounds (`refresh.publishing`), swapping links (`place`).

Without the file every release that passes its checks is published: whoever wants bounds or review writes
them down.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import yaml

from orchestration.errors import CitypanelError

AUTOMATIC, REVIEW = "automatic", "review"


class PolicyError(CitypanelError):
    """The policy of publishing can't be used; the message names file and key, and what was expected."""


@dataclass(frozen=True)
class Bounds:
    """How far a release may be from the one in place and still go out by itself; None: no bound.

    Shares are percent of the release in place; `headline_in_errors` is the movement of a study's headline
    estimate in standard errors of the one in place.
    """

    rows_lost_percent: float | None = None
    cities_lost: float | None = None
    quarantine_more_percent: float | None = None
    figures_revised_percent: float | None = None
    headline_in_errors: float | None = None


@dataclass(frozen=True)
class Keep:
    """Releases that stay: so many with all their files in place, so many at all (None: every one).

    The others of those that stay are packed: their contents are kept once, and can be unpacked.
    """

    whole: int = 2
    releases: int | None = None


@dataclass(frozen=True)
class Policy:
    """How releases are published and kept."""

    publish: str = AUTOMATIC
    bounds: Bounds = field(default_factory=Bounds)
    keep: Keep = field(default_factory=Keep)


def read_policy(path: Path) -> Policy:
    """The policy in a file, or the one without a file; raises PolicyError."""
    try:
        told = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Policy()
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise PolicyError(f"{path} can't be read: {error}") from error
    told = _mapping(path, "", told, Policy)
    publish = told.get("publish", AUTOMATIC)
    if publish not in (AUTOMATIC, REVIEW):
        raise PolicyError(
            f"{path}, key publish is {publish!r}: expected {AUTOMATIC} (published unless a bound is broken)"
            f" or {REVIEW} (every release waits as a draft)"
        )
    bounds = _mapping(path, "bounds", told.get("bounds"), Bounds)
    keep = _mapping(path, "keep", told.get("keep"), Keep)
    return Policy(
        publish,
        Bounds(**{key: _number(path, f"bounds.{key}", value) for key, value in bounds.items()}),
        Keep(**{key: _count(path, f"keep.{key}", value) for key, value in keep.items()}),  # type: ignore[arg-type]
    )


def _mapping(path: Path, key: str, told: Any, shape: type) -> dict[str, Any]:
    """A part of the file with known keys only; nothing is an empty one."""
    if told is None:
        return {}
    if not isinstance(told, dict):
        raise PolicyError(
            f"{path}{f', key {key}' if key else ''}: expected keys with values; found {told!r}"
        )
    known = tuple(each.name for each in fields(shape))
    for name in told:
        if name not in known:
            from analysis.study.hints import did_you_mean

            full = f"{key}.{name}" if key else str(name)
            raise PolicyError(
                f"{path}, key {full} is unknown{did_you_mean(str(name), known)};"
                f" expected one of {', '.join(known)}"
            )
    return dict(told)


def _number(path: Path, key: str, value: Any) -> float | None:
    if value is None:
        return None
    if (
        isinstance(value, bool)
        or not isinstance(value, int | float)
        or not 0 <= value < float("inf")
    ):
        raise PolicyError(
            f"{path}, key {key} is {value!r}: expected a number of 0 or more, or nothing for no bound"
        )
    return float(value)


def _count(path: Path, key: str, value: Any) -> int | None:
    if value is None and key == "keep.releases":
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise PolicyError(f"{path}, key {key} is {value!r}: expected a whole number of 1 or more")
    return value


__all__ = ["AUTOMATIC", "REVIEW", "Bounds", "Keep", "Policy", "PolicyError", "read_policy"]
