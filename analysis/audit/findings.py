"""What a rule says: which cells, what is printed, what it should be, and how large the difference is."""

from __future__ import annotations

from dataclasses import dataclass

CONTRADICTION = "contradiction"
"""No rounding reconciles the numbers."""

QUESTION = "question"
"""There may be a reason, and the table doesn't give it."""


@dataclass(frozen=True)
class Finding:
    """One thing that can't be, or that wants an answer.

    `size` is the distance between what is printed and the nearest number that would fit, in the unit
    that `expected` speaks of.
    """

    rule: str
    severity: str
    cells: tuple[str, ...]
    printed: str
    expected: str
    size: float
