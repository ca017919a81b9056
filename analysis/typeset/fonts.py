"""The Chinese font of the report, and what stands in for a character that it lacks.

Belongs here: which characters can be shown everywhere, the fallback text for the others, what a
page needs of the font as CSS, and the font for matplotlib. Does not belong here: how the font file
is made (`scripts/`), layout.

A reader's machine need not have any Chinese font. The page and the figures therefore use a font
committed beside this module; a character that it lacks is written as its code point, never left
to the machine, which would draw an empty box.
"""

import base64
import io
import re
import struct
import unicodedata
import zlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

from markupsafe import Markup, escape

ASSETS: Final = Path(__file__).parent / "assets"
FONT_FILE: Final = ASSETS / "citypanel-han.otf"
CHARACTERS_FILE: Final = ASSETS / "characters.txt"
FAMILY: Final = "Citypanel Han"

FIRST_NON_LATIN: Final = 0x0250
"""Below: Latin letters, which every system font and matplotlib's own font have."""

EMBEDDED_RANGES: Final = (
    "U+0370-03FF,U+2100-22FF,"  # Greek; arrows and mathematics
    "U+2E80-303F,U+3100-312F,U+31C0-9FFF,U+F900-FAFF,U+FE30-FE4F,U+FF00-FFEF"  # Chinese
)
"""Where the browser takes the embedded font; Latin text keeps the page's own fonts."""

FIRST_EMBEDDED: Final = 0x0370
"""The first character of the ranges above."""

_HAN: Final = re.compile("[\u2e80-\u303f\u3100-\u312f\u31c0-\u9fff\uf900-\ufaff\uff00-\uffef]+")


@cache
def characters() -> frozenset[str]:
    """Characters of the embedded font besides ASCII."""
    return frozenset(CHARACTERS_FILE.read_text(encoding="utf-8")) - {"\n"}


def is_shown(character: str) -> bool:
    """Whether the character appears as itself on any machine.

    Control, format (also those that turn the reading direction) and unassigned characters don't.
    """
    if character in "\n\t":
        return True
    if unicodedata.category(character) in {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"}:
        return False
    return ord(character) < FIRST_NON_LATIN or character in characters()


def readable(text: str, latin_names: Mapping[str, str] | None = None) -> str:
    """Return the text so that every character can be drawn.

    Args:
        text: Any text.
        latin_names: Latin spelling by name; taken where the whole text is a name in it.

    Returns:
        The text itself where the font has all of it; otherwise its Latin spelling where known;
        otherwise with each missing character as ``[U+9F98]``.
    """
    if all(map(is_shown, text)):
        return text
    latin = (latin_names or {}).get(text)
    if latin and all(map(is_shown, latin)):
        return latin
    return "".join(c if is_shown(c) else _code(c) for c in text)


def html_text(text: str, latin_names: Mapping[str, str] | None = None) -> Markup:
    """Escape text for HTML; mark Chinese as such and missing characters as in `readable`."""
    if text.isascii() and text.isprintable():
        return escape(text)
    if not all(map(is_shown, text)) and text in (latin_names or {}):
        return escape(readable(text, latin_names))
    parts: list[str] = []
    for shown, characters_ in _runs(text):
        if not shown:
            parts.extend(f'<span class="no-glyph">{_code(c)}</span>' for c in characters_)
            continue
        position = 0
        for match in _HAN.finditer(characters_):
            parts.append(str(escape(characters_[position : match.start()])))
            parts.append(f'<span lang="zh-Hans">{escape(match.group())}</span>')
            position = match.end()
        parts.append(str(escape(characters_[position:])))
    return Markup("".join(parts))  # noqa: S704  every part above is escaped


def attribute_text(value: str) -> Markup:
    """Escape text for an attribute or a title: no markup, Chinese as it is, no control character.

    A character that merely lacks a glyph stays; one that HTML or UTF-8 does not allow, or that
    turns the reading direction, is spelt out.
    """
    forbidden = {"Cc", "Cf", "Cs", "Cn"}
    kept = (
        c if c in "\n\t" or unicodedata.category(c) not in forbidden else _code(c) for c in value
    )
    return escape("".join(kept))


def font_face_css(text: str) -> str:
    """What a text needs of the font, as an ``@font-face`` rule that needs no other file.

    Args:
        text: The page. Its Latin letters are set in the reader's own fonts and are left out.
    """
    needed = {character for character in text if ord(character) >= FIRST_EMBEDDED}
    data = base64.b64encode(_woff(_cut(frozenset(needed) & characters()))).decode("ascii")
    return (
        f'@font-face{{font-family:"{FAMILY}";font-display:block;unicode-range:{EMBEDDED_RANGES};'
        f'src:url(data:font/woff;base64,{data}) format("woff")}}'
    )


@cache
def _cut(wanted: frozenset[str]) -> bytes:
    """The font with the wanted characters alone: a page uses a fifth of it."""
    from fontTools.subset import Options, Subsetter
    from fontTools.ttLib import TTFont

    options = Options()
    options.name_IDs = ["*"]  # the licence goes with every copy
    options.notdef_outline = True
    options.bidi_closure = False  # asked for are the characters of a text, not their mirrors
    cutter = Subsetter(options)
    cutter.populate(unicodes=sorted(map(ord, wanted)))
    packed = io.BytesIO()
    with TTFont(FONT_FILE, recalcTimestamp=False) as font:
        cutter.subset(font)
        font.save(packed)
    return packed.getvalue()


def _woff(font: bytes) -> bytes:
    """Pack a font as WOFF 1.0 (W3C 2012): the same tables, each compressed."""
    flavour, count = struct.unpack(">4sH", font[:6])
    directory, body = b"", b""
    start = 44 + 20 * count
    for i in range(count):
        tag, checksum, offset, size = struct.unpack(">4sIII", font[12 + 16 * i : 28 + 16 * i])
        table = font[offset : offset + size]
        packed = zlib.compress(table, 9)
        packed = packed if len(packed) < size else table  # as it is where that is no larger
        directory += struct.pack(">4sIIII", tag, start + len(body), len(packed), size, checksum)
        body += packed + bytes(-len(packed) % 4)
    header = struct.pack(
        ">4s4sIHHIHHIIIII",
        b"wOFF", flavour, start + len(body), count, 0, len(font), 1, 0, 0, 0, 0, 0, 0,
    )  # fmt: skip
    return header + directory + body


def matplotlib_families() -> list[str]:
    """Register the font with matplotlib; return the families to draw with, in order."""
    from matplotlib import font_manager

    known = {entry.fname for entry in font_manager.fontManager.ttflist}
    if str(FONT_FILE) not in known:
        font_manager.fontManager.addfont(FONT_FILE)
    return [FAMILY, "DejaVu Sans"]  # the second comes with matplotlib and has all of Latin


def _code(character: str) -> str:
    return f"[U+{ord(character):04X}]"


def _runs(text: str) -> list[tuple[bool, str]]:
    """Cut text into runs of characters that are shown and runs that are not."""
    runs: list[tuple[bool, str]] = []
    for character in text:
        shown = is_shown(character)
        if runs and runs[-1][0] == shown:
            runs[-1] = (shown, runs[-1][1] + character)
        else:
            runs.append((shown, character))
    return runs
