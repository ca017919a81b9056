"""Bytes of text to characters: which of UTF-8, UTF-16 and GB18030 a file is in.

Here: the choice, and the refusal of what is none of them. Not here: what the text holds.

UTF-8 comes first, because text that is valid UTF-8 by accident hardly exists, while nearly any
damaged UTF-8 is also valid GB18030 and would silently become other characters. Text that is not
valid UTF-8 is therefore taken for GB18030 only where most of it isn't UTF-8 and most characters
that result are in everyday use (those of GB 2312).
"""

import codecs
import re
from collections.abc import Iterator
from typing import BinaryIO

from orchestration.landing.reading.source import Source

CHUNK_BYTES = 4 * 2**20
EVERYDAY_SHARE = 0.8
"""Least share of characters of GB 2312 among the non-ASCII ones of a text taken for GB18030."""
CONTROL_SHARE = 0.01
"""Share of control characters from which a text is taken for binary content."""

_CONTROLS = re.compile("[\x01-\x08\x0e-\x19\x1b-\x1f\x7f]")
_CUT_OFF = ("unexpected end of data", "truncated data")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def _chunks(stream: BinaryIO) -> Iterator[bytes]:
    while chunk := stream.read(CHUNK_BYTES):
        yield chunk


def detect_encoding(source: Source) -> str:
    """The name of the codec in which every byte of the file decodes strictly.

    'utf-8', 'utf-8-sig', 'utf-16' or 'gb18030'; refuses with 'encoding', with 'unknown-format'
    for binary content, and with 'empty' for blanks only.
    """
    marked = next((name for mark, name in _MARKS if source.head.startswith(mark)), None)
    failures = []
    for encoding in (marked,) if marked else ("utf-8", "gb18030"):
        try:
            _check(source, encoding)
        except UnicodeDecodeError as error:
            failures.append(f"{encoding}: {error.reason}")
            cut = error.reason in _CUT_OFF
            if cut and (marked or (encoding == "utf-8" and _mostly_utf8(source.head))):
                raise source.refusal(
                    "truncated",
                    "the text ends inside a character; the file was cut off: copy or download it "
                    "again",
                ) from error
            if not marked and encoding == "utf-8" and _mostly_utf8(source.head):
                break
        else:
            return encoding
    raise source.refusal(
        "encoding",
        f"the text can't be decoded ({'; '.join(failures)}); expected UTF-8, GB18030 (GBK), or "
        "UTF-16 with a byte order mark: save it again as UTF-8",
    )


def _check(source: Source, encoding: str) -> None:
    decoder = codecs.getincrementaldecoder(encoding)()
    characters = foreign = everyday = controls = 0
    blank = True
    with source.open() as stream:
        for chunk in _chunks(stream):
            text = decoder.decode(chunk)
            if "\0" in text:
                if _lacks_mark(source.head):
                    raise source.refusal(
                        "encoding",
                        "it looks like UTF-16 without the byte order mark that would say which of "
                        "two orders; expected UTF-8: save it again as that",
                    )
                raise source.refusal(
                    "unknown-format",
                    "the content has zero bytes and belongs to no known format; expected a "
                    "workbook, a table in text, Stata or Parquet",
                )
            blank = blank and not text.strip("\ufeff \t\r\n\x1a\u00a0\u3000")
            characters += len(text)
            controls += len(_CONTROLS.findall(text))
            if encoding == "gb18030":
                counted = _foreign_and_everyday(text)
                foreign, everyday = foreign + counted[0], everyday + counted[1]
        decoder.decode(b"", True)
    if blank:
        raise source.refusal("empty", "it holds nothing but blanks; expected a table")
    if foreign and everyday < EVERYDAY_SHARE * foreign:
        raise UnicodeDecodeError(
            encoding,
            b"",
            0,
            1,
            f"{foreign - everyday} of {foreign} characters are hardly ever used",
        )
    if controls > CONTROL_SHARE * characters:
        raise source.refusal(
            "unknown-format",
            "the content is binary and belongs to no known format; expected a workbook, a table "
            "in text, Stata or Parquet",
        )


def _foreign_and_everyday(text: str) -> tuple[int, int]:
    """How many characters aren't ASCII, and how many of them GB 2312 has."""
    foreign = len(text) - len(text.encode("ascii", "ignore"))
    known = len(text.encode("gb2312", "ignore").decode("gb2312"))
    return foreign, known - (len(text) - foreign)


def everyday_share(text: str) -> float:
    """Share of the characters of GB 2312 among the non-ASCII ones; 1 where there are none."""
    foreign, everyday = _foreign_and_everyday(text)
    return everyday / foreign if foreign else 1.0


def _lacks_mark(head: bytes) -> bool:
    """Whether zero bytes stand at odd or at even places only, as in UTF-16 of plain text."""
    places = {place % 2 for place, byte in enumerate(head) if not byte}
    return len(places) == 1


def _mostly_utf8(head: bytes) -> bool:
    text = head.decode("utf-8", "replace")
    wrong = text.count("\ufffd")
    valid = len(text) - len(text.encode("ascii", "ignore")) - wrong
    return valid > wrong
