"""Numbers as they are printed: a value, and the interval that rounds to it.

Belongs here: reading a printed number, arithmetic of intervals. Does not belong here: what numbers mean.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Self

SLACK = 1e-9
"""Relative slack of a comparison of ends: .0005 has no exact binary form."""

_NUMBER = re.compile(r"^([+-]?)(\d[\d,]*\.?\d*|\.\d+)(?:(?:[eE]|[×x*]10\^?)([+-]?\d+))?(%?)$")
_MINUS = str.maketrans({"−": "-", "–": "-", "－": "-", "．": ".", "，": ","})


@dataclass(frozen=True)
class Interval:
    """All numbers from `low` to `high`."""

    low: float
    high: float

    def meets(self, other: Interval) -> bool:
        """Whether the two have a number in common, up to `SLACK`."""
        slack = SLACK * max(
            1.0, *(abs(end) for end in self.ends + other.ends if math.isfinite(end))
        )
        return self.low <= other.high + slack and other.low <= self.high + slack

    def gap(self, other: Interval) -> float:
        """How far the two are apart; 0 where they meet."""
        return max(0.0, other.low - self.high, self.low - other.high)

    @property
    def ends(self) -> tuple[float, float]:
        """Both ends."""
        return self.low, self.high

    @property
    def size(self) -> Interval:
        """The absolute values."""
        low, high = sorted((abs(self.low), abs(self.high)))
        return Interval(0.0 if self.low <= 0 <= self.high else low, high)

    def plus(self, other: Interval) -> Interval:
        """Sums."""
        return Interval(self.low + other.low, self.high + other.high)

    def times(self, other: Interval) -> Interval:
        """Products."""
        products = [one * two for one in self.ends for two in other.ends]
        return Interval(min(products), max(products))

    def over(self, other: Interval) -> Interval:
        """Quotients by a positive interval; unbounded where the divisor may be 0."""
        if other.low <= 0:
            return Interval(-math.inf if self.low < 0 else 0.0, math.inf if self.high > 0 else 0.0)
        quotients = [one / two for one in self.ends for two in other.ends]
        return Interval(min(quotients), max(quotients))

    def squared(self) -> Interval:
        """Squares."""
        size = self.size
        return Interval(size.low**2, size.high**2)


@dataclass(frozen=True)
class Printed:
    """A number as it is printed: its value, half a unit of its last digit, and the text."""

    value: float
    half: float
    text: str

    @property
    def interval(self) -> Interval:
        """All numbers that are printed so."""
        return Interval(self.value - self.half, self.value + self.half)

    @property
    def is_zero(self) -> bool:
        """Whether only noughts are printed."""
        return self.value == 0

    @classmethod
    def read(cls, text: str, decimals: int | None = None) -> Self | None:
        """The number of a text; None where it isn't one.

        `decimals` says how many the table prints, for files that lost the noughts at the end. Stars and
        brackets must be off already; a comma between digits sets thousands apart, a sign may be any minus.
        """
        match = _NUMBER.match(text.strip().translate(_MINUS).replace(" ", ""))
        if match is None:
            return None
        sign, digits, power, percent = match.groups()
        plain = digits.replace(",", "")
        printed = len(plain.partition(".")[2])
        exponent = int(power) if power else 0
        if decimals is not None and not power:
            printed = max(printed, decimals if "." in plain or decimals == 0 else 0)
        scale = 10.0**exponent / (100 if percent else 1)
        value = float(plain) * scale * (-1 if sign == "-" else 1)
        is_count = printed == 0 and not power
        return cls(value, 0.0 if is_count else 0.5 * 10.0**-printed * scale, text.strip())
