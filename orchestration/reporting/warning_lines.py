"""Warnings on the screen: new causes with an example, its cell and what to do; the others counted.

Belongs here: these lines, and those of rules that had nothing to look at.
Does not belong here: what is new (`warned`), the report's page.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from expectations.findings import WHOLE_RULE
from orchestration.reporting.warned import CHANGED, KNOWN, NEW, Cause

if TYPE_CHECKING:
    from expectations import GateResult

SHOWN_CAUSES = 3
"""New causes of a rule that are shown; the rest is counted, and `citypanel warnings` shows it."""

NO_ROW = " has no row"
"""How the reason ends where a rule's table is empty."""

LONGEST = 240  # characters of what a finding says, on the screen


def counts_line(causes: Sequence[Cause]) -> str:
    """How many findings are new, changed, known, acknowledged and gone, in words."""
    numbers = {
        "new": sum(one.new for one in causes),
        "changed": sum(one.changed for one in causes),
        "as in the last release": sum(
            one.findings - one.new - one.changed - one.acknowledged for one in causes
        ),
        "acknowledged": sum(one.acknowledged for one in causes),
        "of the last release gone": sum(one.gone for one in causes),
    }
    return ", ".join(f"{number:,} {what}" for what, number in numbers.items() if number) or "none"


def warning_lines(causes: Sequence[Cause], shown: int = SHOWN_CAUSES) -> Iterator[str]:
    """New and changed causes by rule, then known ones; acknowledged and gone ones are only counted.

    With none `shown` a rule is one line.
    """
    for rule, mine in _by_rule(one for one in causes if one.status in (NEW, CHANGED)):
        yield f"NEW {rule}: {counts_line(mine)}"
        if not shown:
            continue
        for one in mine[:shown]:
            yield from cause_lines(one)
        if len(mine) > shown:
            yield f"    and {len(mine) - shown} more causes: citypanel warnings --rule {mine[0].rule_id}"
        yield f"    do: {mine[0].advice}"
    for rule, mine in _by_rule(one for one in causes if one.status == KNOWN):
        outdated = any(one.acknowledgement == "outdated" for one in mine)
        yield (
            f"known {rule}: {_counted(sum(one.findings for one in mine), 'finding')}"
            + (f", {len(mine)} causes" if len(mine) > 1 else "")
            + ("; acknowledged ones have changed" if outdated else "")
        )


def _by_rule(causes: Iterable[Cause]) -> Iterator[tuple[str, list[Cause]]]:
    """Causes by rule, in the order of the first of each."""
    rules: dict[str, list[Cause]] = {}
    for one in causes:
        rules.setdefault(f"{one.gate}.{one.rule_id}", []).append(one)
    yield from rules.items()


def cause_lines(one: Cause) -> Iterator[str]:
    """A cause: how many findings, the first of them, and where it is printed."""
    said = ": ".join(part for part in (one.subject, one.says) if part)
    told = f"{one.cause}: {counts_line([one])}"
    if one.cause == WHOLE_RULE and one.findings <= 1:
        told = said
    elif one.acknowledgement == "outdated":
        told += "; acknowledged ones have changed"
    yield f"    {_short(told)}"
    if told != said:
        yield f"      {'e.g. ' if one.findings > 1 else ''}{_short(said)}"
    if one.place:
        yield f"      in {one.place}"


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else text[:LONGEST] + "…"


def idle_lines(result: GateResult) -> Iterator[str]:
    """Rules of a gate that had nothing to look at, by what is missing; empty tables on one line."""
    missing: dict[str, list[str]] = {}
    empty: list[str] = []
    for rule in result.not_applicable:
        why = rule.observed
        if why.endswith(NO_ROW):
            empty.append(why.removesuffix(NO_ROW))
            why = NO_ROW
        missing.setdefault(why, []).append(rule.rule_id)
    for why, rules in missing.items():
        told = why if why != NO_ROW else f"no row in {', '.join(dict.fromkeys(empty))}"
        yield f"not applicable, {told}: {', '.join(rules)}"


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
