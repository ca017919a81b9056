"""Notes on the tables of a design that follow from more than its own numbers.

Belongs here: sentences on the policy's roster. Does not belong here: what speaks against a
single column's errors (`support`), how notes are shown (`analysis.report`).
"""

from collections.abc import Iterator
from typing import Any

from analysis.methods.base import Method, Row
from analysis.study.facts import Batch, Facts
from analysis.study.spec import Study

ROSTER = "roster"
"""Kind of the notes on how much of a policy's roster is held."""


def note_rows(study: Study, method: Method, design: Any, facts: Facts) -> list[Row]:
    """`study_note`: all notes on a design, in the order in which they are shown."""
    key = {"study": study.id, "method": method.key, "design": design.id}
    said = _of_rosters(study, facts)
    return [
        {**key, "kind": kind, "subject": subject, "position": place, "note": note}
        for place, (kind, subject, note) in enumerate(said, 1)
    ]


def _of_rosters(study: Study, facts: Facts) -> Iterator[tuple[str, str, str]]:
    for policy in study.policies.values():
        note = roster_note(policy.label, facts.rosters.get(policy.policy_id, ()))
        if note:
            yield ROSTER, policy.policy_id, note


def roster_note(policy: str, batches: tuple[Batch, ...]) -> str:
    """How much of a roster is held where it isn't all; '' where it is, or where there is none."""
    short = [batch for batch in batches if batch.missing]
    unknown = [batch for batch in batches if batch.announced is None]
    said = []
    if short:
        known = [batch for batch in batches if batch.announced is not None]
        announced = sum(batch.announced or 0 for batch in known)
        each = ", ".join(f"batch {b.number} {b.listed} of {b.announced}" for b in short)
        said.append(
            f"the roster lists {sum(b.announced or 0 for b in known) - sum(b.missing for b in known)} of"
            f" {announced} announced entries ({each}); missing ones count as untreated"
        )
    if unknown:
        numbers = ", ".join(str(batch.number) for batch in unknown)
        said.append(f"how many entries were announced is not known of batch {numbers}")
    unconfirmed = sum(batch.unconfirmed for batch in batches)
    if unconfirmed:
        said.append(f"{unconfirmed} listed entries were not checked against the notice")
    return f"{policy}: {'; '.join(said)}" if said else ""


__all__ = ["ROSTER", "note_rows", "roster_note"]
