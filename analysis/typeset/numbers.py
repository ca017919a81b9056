"""How a number is written: sign, decimals, alignment, missing values.

Belongs here: number to text. Does not belong here: which numbers stand in which table.
"""

import math
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd
from markupsafe import Markup, escape

MINUS: Final = "\u2212"
MISSING: Final = "\u2013"
DECIMALS: Final = 3
"""As in the published tables."""
MOST_DECIMALS: Final = 8
"""Decimals beyond which a small number is written with a power of ten."""
ROUNDING: Final = 1e-12
"""What sums of a release's figures leave where they are zero; results in small units are larger."""

# Widths in em of the characters of a table number, for a common sans-serif face (Arial's metrics,
# which Helvetica and Liberation Sans share). Only the alignment of columns depends on them.
_WIDTHS: Final = {
    ".": 0.278,
    "[": 0.278,
    "]": 0.278,
    ",": 0.278,
    "(": 0.333,
    ")": 0.333,
    MINUS: 0.584,
    "×": 0.584,
}
_DIGIT_WIDTH: Final = 0.556
_STAR_WIDTH: Final = 0.31  # stars are raised and set smaller
_SUPERSCRIPT_WIDTH: Final = 0.38


@dataclass(frozen=True)
class AlignedNumber:
    """A number cut at its decimal point, so that a column can be aligned on it.

    Attributes:
        value: The number in full precision.
        whole: Text up to the decimal point, with sign and opening parenthesis.
        part: Text from the decimal point on, with closing parenthesis.
        power: Exponent of ten, if written in scientific notation.
        stars: Significance marks.
    """

    value: float
    whole: str
    part: str
    power: str = ""
    closing: str = ""
    stars: str = ""

    @property
    def text(self) -> str:
        """The number in one line, as it is read."""
        power = f"×10^{self.power}" if self.power else ""
        return f"{self.whole}{self.part}{power}{self.closing}{self.stars}"

    @property
    def html(self) -> Markup:
        """Two boxes, before and from the decimal point; widths come from the column."""
        power = f"×10<sup>{escape(self.power)}</sup>" if self.power else ""
        stars = f'<sup class="stars">{escape(self.stars)}</sup>' if self.stars else ""
        return Markup(  # noqa: S704  every part is made here or escaped
            f'<span class="w">{escape(self.whole)}</span>'
            f'<span class="p">{escape(self.part)}{power}{escape(self.closing)}{stars}</span>'
        )

    @property
    def widths(self) -> tuple[float, float]:
        """Width in em before and from the decimal point."""
        right = _width(self.part) + _width(self.closing) + _STAR_WIDTH * len(self.stars)
        if self.power:
            right += _width("×10") + _SUPERSCRIPT_WIDTH * len(self.power)
        return _width(self.whole), right


def _width(text: str) -> float:
    return sum(_WIDTHS.get(character, _DIGIT_WIDTH) for character in text)


def is_missing(value: Any) -> bool:
    """Whether a value of a frame is None, NaN or NA."""
    return value is None or bool(pd.isna(value))


def aligned(
    value: Any, decimals: int = DECIMALS, *, brackets: str = "", stars: Any = ""
) -> AlignedNumber | None:
    """Cut a number at its decimal point.

    A number that isn't zero but would round to zero is written as 2.9×10⁻⁵, so that a coefficient
    in small units doesn't read as none.

    Args:
        value: The number; None where missing.
        decimals: Digits after the point; 0 gives a count with thousands separators.
        brackets: What it is set in, "()" or "[]"; '' for nothing.
        stars: Significance marks, '' or missing for none; anything but '*' and '+' is left out.

    Returns:
        The parts, or None for a missing number.
    """
    if is_missing(value):
        return None
    number = float(value)
    opening, closing = brackets[:1], brackets[1:]
    marks = "" if is_missing(stars) else "".join(c for c in str(stars) if c in "*+")
    if not math.isfinite(number):
        sign = MINUS if number < 0 else ""
        return AlignedNumber(number, f"{opening}{sign}\u221e", "", "", closing, marks)
    power = ""
    if number != 0 and decimals > 0 and abs(number) < 0.5 * 10**-decimals:
        mantissa, exponent = f"{number:.1e}".split("e")
        text, power = mantissa, str(int(exponent)).replace("-", MINUS)
    else:
        text = f"{number:,.{decimals}f}"
    whole, _, part = text.replace("-", MINUS).partition(".")
    return AlignedNumber(number, opening + whole, f".{part}" if part else "", power, closing, marks)


def count(value: Any) -> str:
    """Whole number with thousands separators; a dash where missing."""
    return MISSING if is_missing(value) else f"{int(value):,}".replace("-", MINUS)


def fixed(value: Any, decimals: int = DECIMALS) -> str:
    """Number with fixed decimals; a dash where missing.

    One that isn't zero but would round to zero has as many as show two of its digits, so that a
    threshold of 0.00003 doesn't read as 0.0000. Below 1e-12 it is the rounding of a sum, and does.
    """
    if is_missing(value):
        return MISSING
    number = float(value)
    if ROUNDING < abs(number) < 0.5 * 10**-decimals:
        needed = 1 - math.floor(math.log10(abs(number)))
        text = f"{number:.{needed}f}" if needed <= MOST_DECIMALS else f"{number:.1e}"
    else:
        text = f"{number:,.{decimals}f}"
    return text.replace("-", MINUS)


def p_value(value: Any, draws: Any = None, decimals: int = 4) -> str:
    """Probability that never reads as nothing; `draws` of a bootstrap bound what it can tell."""
    if is_missing(value):
        return MISSING
    smallest = 10**-decimals if is_missing(draws) else 1 / int(draws)
    if float(value) < smallest / 2:
        return f"<\u00a0{smallest:.{decimals}f}"
    return fixed(value, decimals)


def percent(value: Any, decimals: int = 1) -> str:
    """Share (0 to 1) in per cent; only nothing reads as 0.0 %, and only all as 100.0 %."""
    if is_missing(value):
        return MISSING
    share = 100 * float(value)
    smallest = 10**-decimals
    if 0 < share < smallest / 2:
        return f"<\u00a0{smallest:.{decimals}f}\u00a0%"
    if 100 - smallest / 2 <= share < 100:
        return f">\u00a0{100 - smallest:.{decimals}f}\u00a0%"
    return f"{share:,.{decimals}f}\u00a0%".replace("-", MINUS)


def quantity(value: Any) -> str:
    """Number of any size with six significant digits, no exponent where it can be avoided."""
    if is_missing(value):
        return MISSING
    if isinstance(value, str):
        return value
    number = float(value)
    if number == 0:
        return "0"
    if not math.isfinite(number) or not 1e-5 <= abs(number) < 1e15:
        return f"{number:.5g}".replace("-", MINUS)
    decimals = max(0, 5 - math.floor(math.log10(abs(number))))
    text = f"{number:,.{decimals}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text.replace("-", MINUS)
