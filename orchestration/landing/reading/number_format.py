"""What a number format of a workbook does to the number that is stored.

Here: the sections of a format code, what each multiplies, adds or hides, and the text that a page shows, with all
its digits. Not here: rounding and separators, which change no figure, and formats of dates, which the
workbook reader applies.

Codes: [ECMA-376] part 1, 18.8.31. `!` is the East Asian way to write the `\\` before a literal character.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

BUILT_IN = {9: "0%", 10: "0.00%"}
"""Excel's own formats, by number, that show something else than the stored number."""

_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"?|[\\!](?P<escaped>.)|(?P<pad>[_*].)|\[(?P<bracket>[^\]]*)\]'
    r"|(?P<general>General|G/通用格式)|(?P<exponent>E[+-])|(?P<date>AM/PM|A/P|上午/下午|[ymdhsYMDHSgGbBeEaA])"
    r"|(?P<placeholder>[0#?])|(?P<point>\.)|(?P<comma>,)|(?P<text>@)|(?P<other>.)",
    re.DOTALL,
)
_CONDITION = re.compile(r"(<=|>=|<>|<|>|=)\s*(-?[0-9.]+)$")
_CURRENCY = re.compile(r"\$([^-]*)(?:-.*)?$")
_COMPARE: dict[str, Callable[[Decimal, Decimal], bool]] = {
    "<": lambda a, b: a < b, ">": lambda a, b: a > b, "=": lambda a, b: a == b,
    "<=": lambda a, b: a <= b, ">=": lambda a, b: a >= b, "<>": lambda a, b: a != b,
}  # fmt: skip
_HARMLESS = " +\u00a0\u3000¥￥"
"""Signs that may stand beside a figure and leave it what it is: the currency is that of the yearbooks."""
_OF_NEGATIVES = "-()（）−"
_SEPARATORS = " ,'\u00a0"
_DASHES = "-—–−"


@dataclass(frozen=True)
class Shown:
    """What a page shows of a stored value: nothing, a number, or a text with signs or words in it."""

    text: str
    is_number: bool
    is_hidden: bool = False


@dataclass(frozen=True)
class _Section:
    """One part of a format: its tokens in order, each a kind and a text."""

    condition: tuple[str, Decimal] | None
    tokens: tuple[tuple[str, str], ...]

    def has(self, *kinds: str) -> bool:
        return any(kind in kinds for kind, _ in self.tokens)

    @property
    def is_plain(self) -> bool:
        """Whether it is left to others: dates, exponents and fractions show the number itself."""
        return self.has("date", "exponent") or self._is_fraction

    @property
    def _is_fraction(self) -> bool:
        kinds = "".join(
            "0" if kind == "placeholder" else text if kind == "literal" else " "
            for kind, text in self.tokens
        )
        return re.search(r"0\s*/\s*[0-9]", kinds) is not None


def show(code: str, stored: str) -> Shown:
    """What the format `code` makes of a number, given by the text that reads back to it."""
    value = Decimal(stored)
    sections = _sections(code)
    section, is_negative_part = _section_for(sections[:3], value)
    if section.is_plain:
        return Shown(stored, True)
    if not section.tokens:
        return Shown(stored, True, is_hidden=len(sections) > 1)
    if not section.has("placeholder", "general", "text"):
        words = "".join(text for kind, text in section.tokens if kind == "literal").strip(_HARMLESS)
        if not words:
            return Shown(stored, True, is_hidden=True)
        # A dash is how accounts print zero.
        return (
            Shown(stored, True) if value == 0 and not words.strip(_DASHES) else Shown(words, False)
        )
    if value == 0 and not section.has("general", "text") and _shows_no_zero(section):
        return Shown(stored, True, is_hidden=True)
    return _show_number(section, value, stored, is_negative_part)


def show_text(code: str, text: str) -> Shown:
    """What the format makes of a text: only its fourth section, or a sole one with @, touches it."""
    sections = _sections(code)
    section = sections[3] if len(sections) > 3 else sections[-1]
    if section.has("text"):
        shown = "".join(text if kind == "text" else part for kind, part in section.tokens
                        if kind in ("text", "literal"))  # fmt: skip
        return Shown(
            shown.strip(_HARMLESS) if shown.strip(_HARMLESS) != text.strip(_HARMLESS) else text,
            False,
        )
    if len(sections) < 4 or section.has("general"):
        return Shown(text, False)
    words = "".join(part for kind, part in section.tokens if kind == "literal").strip(_HARMLESS)
    return Shown(words or text, False, is_hidden=not words)


@lru_cache(maxsize=4096)
def changes_figures(code: str) -> bool:
    """Whether a format can show another figure than the stored one, or none, or words beside it."""
    sections = _sections(code)
    if len(sections) > 3 and not sections[3].has("text", "general"):
        return True
    if any(_exponent_and_point(section)[0] or section.condition for section in sections):
        return True
    for sample in ("1234567.5", "-1234567.5", "0"):
        shown = show(code, sample)
        if shown.is_hidden or not shown.is_number or shown.text != sample:
            return True
    return show_text(code, "x").text != "x"


@lru_cache(maxsize=4096)
def _sections(code: str) -> tuple[_Section, ...]:
    sections: list[_Section] = []
    tokens: list[tuple[str, str]] = []
    condition: tuple[str, Decimal] | None = None
    for match in _TOKEN.finditer(code):
        kind = match.lastgroup or "other"
        text = match[kind]
        if kind == "other" and text == ";":
            sections.append(_Section(condition, tuple(tokens)))
            tokens, condition = [], None
        elif kind == "bracket":
            found = _CONDITION.match(text)
            currency = _CURRENCY.match(text)
            if found:
                condition = (found[1], Decimal(found[2]))
            elif currency:
                tokens.append(("literal", currency[1]))
            elif re.fullmatch(r"[hms]+", text, re.IGNORECASE):
                tokens.append(("date", text))
        elif kind in ("quoted", "escaped", "other"):
            tokens += [
                ("percent" if kind == "other" and sign == "%" else "literal", sign) for sign in text
            ]
        elif kind != "pad":
            tokens.append((kind, text))
    sections.append(_Section(condition, tuple(tokens)))
    return tuple(sections)


def _section_for(sections: tuple[_Section, ...], value: Decimal) -> tuple[_Section, bool]:
    """The section that applies to a number, and whether it is one that writes the minus itself."""
    if any(section.condition for section in sections):
        for section in sections:
            if section.condition is None:
                return section, False
            sign, bound = section.condition
            if _COMPARE[sign](value, bound):
                return section, value < 0
        return sections[-1], False
    if value < 0 and len(sections) > 1:
        return sections[1], True
    if value == 0 and len(sections) > 2:
        return sections[2], False
    return sections[0], False


def _exponent_and_point(section: _Section) -> tuple[int, int]:
    """The power of ten that a section multiplies by, and how many literal points are in its digits."""
    places = [at for at, (kind, _) in enumerate(section.tokens) if kind == "placeholder"]
    exponent = 2 * sum(kind == "percent" for kind, _ in section.tokens)
    if not places:
        return exponent, 0
    points = literal_points = behind_literal = scaling = pending = 0
    for kind, text in section.tokens[places[0] :]:
        if kind == "comma":
            pending += 1
        elif kind == "placeholder":
            behind_literal += bool(literal_points and not points)
            pending = 0  # a comma between digits only parts them
        elif kind == "point":
            points += 1
            scaling, pending = scaling + pending, 0
        elif kind == "literal" and text in ".．" and pending == 0:
            literal_points += 1
    if not behind_literal:
        literal_points = 0
    return exponent - 3 * (scaling + pending) - behind_literal, literal_points + bool(
        literal_points and points
    )


def _show_number(section: _Section, value: Decimal, stored: str, is_negative: bool) -> Shown:
    digits = [
        at
        for at, (kind, _) in enumerate(section.tokens)
        if kind in ("placeholder", "general", "text")
    ]
    signs = ("literal", "percent")
    before = "".join(text for kind, text in section.tokens[: digits[0]] if kind in signs)
    inside = "".join(text for kind, text in section.tokens[digits[0] : digits[-1]] if kind in signs)
    behind = "".join(text for kind, text in section.tokens[digits[-1] :] if kind in signs)
    exponent, literal_points = _exponent_and_point(section)
    if literal_points > 1 or inside.replace(".", "").replace("．", "").strip(_SEPARATORS):
        return Shown(_laid_out(section, value), False)
    harmless = _HARMLESS + (_OF_NEGATIVES if is_negative else "")
    before, behind = before.strip(harmless), behind.strip(harmless)
    number = stored if not exponent else f"{value.scaleb(exponent):f}"
    if exponent and "." in number:
        number = number.rstrip("0").rstrip(".")
    return Shown(f"{before}{number}{behind}", not before and not behind)


def _shows_no_zero(section: _Section) -> bool:
    return not any(text in "0?" for kind, text in section.tokens if kind == "placeholder") and not (
        section.has("percent")
        or any(text.strip(_HARMLESS) for kind, text in section.tokens if kind == "literal")
    )


def _laid_out(section: _Section, value: Decimal) -> str:
    """Digits put on the places of a format that has other signs between them, as Excel prints them."""
    tokens = section.tokens
    point = next((at for at, (kind, _) in enumerate(tokens) if kind == "point"), len(tokens))
    decimals = sum(kind == "placeholder" for kind, _ in tokens[point:])
    # A literal point doesn't shift anything here: it is printed where it stands.
    commas = re.search(
        r",*(?=[^0#?,]*$)", "".join(t for k, t in tokens if k in ("placeholder", "comma"))
    )
    scale = -3 * len(commas[0] if commas else "") + 2 * sum(kind == "percent" for kind, _ in tokens)
    rounded = abs(value.scaleb(scale)).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    whole, _, fraction = f"{rounded:f}".partition(".")
    left = list(whole)
    places = [at for at, (kind, _) in enumerate(tokens[:point]) if kind == "placeholder"]
    printed: list[str] = []
    for at in range(point - 1, -1, -1):
        kind, text = tokens[at]
        if kind == "placeholder":
            if at == places[0]:
                printed.append("".join(left) or text.replace("#", ""))
                left = []
            else:
                printed.append(left.pop() if left else text.replace("#", ""))
        elif kind in ("literal", "percent"):
            printed.append(text)
    tail = list(fraction)
    behind = [
        (tail.pop(0) if tail else "") if kind == "placeholder" else "." if kind == "point" else text
        for kind, text in tokens[point:]
        if kind not in ("comma",)
    ]
    return ("-" if value < 0 else "") + "".join(reversed(printed)) + "".join(behind)
