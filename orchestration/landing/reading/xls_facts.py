"""What calamine doesn't show of an xls workbook: the facts of its sheets, record by record.

Here: cell styles that say more than how a cell looks, and per sheet error values, styled cells, hidden rows and
columns. Not here: bounding the bytes (`xls`), runs of text (`xls_text`), what follows from the facts (`facts`).

Records: [MS-XLS] 2.4; cells are numbered from 0 in them.
"""

import struct
from dataclasses import dataclass, field

from orchestration.landing.reading.facts import Place, SheetFacts
from orchestration.landing.reading.number_format import BUILT_IN, changes_figures

BOF, EOF = 0x0809, 0x000A
FORMULA, BOOLERR, MULRK, RSTRING = 0x0006, 0x0205, 0x00BD, 0x00D6
VALUE_CELLS = {FORMULA, BOOLERR, MULRK, RSTRING, 0x0203, 0x0204, 0x027E, 0x00FD}
ROW, COLINFO = 0x0208, 0x007D
LAYOUT = {ROW, COLINFO}
BIFF_8 = 0x0600
_FONT, _FORMAT, _XF = 0x0031, 0x041E, 0x00E0
_STRUCK_FONT = 0x0008
_MISSING_FONT = 4  # no font has this number
_HIDDEN_ROW, _HIDDEN_COLUMN = 0x0020, 0x0001
_MULRK_STEP = 6  # style and number of each cell of a row of numbers
_MOST_COLUMNS = 256
_ERRORS = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
}


@dataclass
class Styles:
    """Cell styles, by number, with a format or a font that says something; `has_marked_fonts` runs may use."""

    formats: dict[int, str] = field(default_factory=dict)
    marks: dict[int, frozenset[str]] = field(default_factory=dict)
    has_marked_fonts: bool = False


def version(stream: bytes) -> int:
    """The version of a workbook stream, 0x0500 or 0x0600."""
    return int(struct.unpack_from("<H", stream, 4)[0]) if len(stream) >= 6 else 0


def read_styles(stream: bytes) -> Styles:
    """The styles of a workbook, from the records before its first sheet."""
    is_biff8 = version(stream) >= BIFF_8
    formats = dict(BUILT_IN)
    fonts: list[frozenset[str]] = []
    styles = Styles()
    number = position = 0
    while position + 4 <= len(stream):
        record, length = struct.unpack_from("<HH", stream, position)
        body = stream[position + 4 : position + 4 + length]
        position += 4 + length
        if record == EOF:
            break
        if record == _FONT and length >= 10:
            if len(fonts) == _MISSING_FONT:
                fonts.append(frozenset())
            fonts.append(_marks_of_font(body))
        elif record == _FORMAT and length > 3:
            formats[int.from_bytes(body[:2], "little")] = _format_code(body, is_biff8)
        elif record == _XF and length >= 4:
            font, form = struct.unpack_from("<HH", body)
            code = formats.get(form, "")
            if changes_figures(code):
                styles.formats[number] = code
            if font < len(fonts) and fonts[font]:
                styles.marks[number] = fonts[font]
            number += 1
    styles.has_marked_fonts = any(fonts)
    return styles


def _marks_of_font(body: bytes) -> frozenset[str]:
    _, options, _, _, shift = struct.unpack_from("<5H", body)
    marks = {"struck"} if options & _STRUCK_FONT else set()
    return frozenset(marks | {"raised"} if shift else marks)


def _format_code(body: bytes, is_biff8: bool) -> str:
    if not is_biff8:
        return body[3 : 3 + body[2]].decode("gb18030", "replace")
    count = int.from_bytes(body[2:4], "little")
    if len(body) > 4 and body[4] & 1:
        return body[5 : 5 + 2 * count].decode("utf-16-le", "replace")
    return body[5 : 5 + count].decode("latin-1")


class Scan:
    """The facts of one sheet while its records pass by."""

    def __init__(self, styles: Styles) -> None:
        self._styles = styles
        self._has_styles = bool(styles.formats or styles.marks)
        self._errors: list[tuple[int, int, str]] = []
        self._formats: dict[Place, str] = {}
        self._marks: dict[Place, frozenset[str]] = {}
        self._rows: set[int] = set()
        self._columns: set[int] = set()

    @property
    def facts(self) -> SheetFacts:
        """What was seen so far."""
        return SheetFacts(
            self._errors,
            self._formats,
            self._marks,
            hidden_rows=frozenset(self._rows),
            hidden_columns=frozenset(self._columns),
        )

    def see_cell(self, record: int, body: bytes | bytearray) -> None:
        """A record of cells with values, of at least six bytes."""
        row, column = struct.unpack_from("<HH", body)
        if record == BOOLERR and len(body) >= 8 and body[7] == 1:
            self._errors.append((row, column, _ERRORS.get(body[6], "#ERROR!")))
        elif record == FORMULA and len(body) >= 14 and body[6] == 2 and body[12:14] == b"\xff\xff":
            self._errors.append((row, column, _ERRORS.get(body[8], "#ERROR!")))
        if not self._has_styles:
            return
        at = range(4, len(body) - 3, _MULRK_STEP) if record == MULRK else (4,)
        for place, offset in enumerate(at):
            self._see_style((row, column + place), struct.unpack_from("<H", body, offset)[0])

    def _see_style(self, place: Place, style: int) -> None:
        if style in self._styles.formats:
            self._formats[place] = self._styles.formats[style]
        if style in self._styles.marks:
            self._marks[place] = self._styles.marks[style]

    def see_layout(self, record: int, body: bytes | bytearray) -> None:
        """A record about a row or some columns."""
        if record == ROW and len(body) >= 14:
            row, height, options = (struct.unpack_from("<H", body, at)[0] for at in (0, 6, 12))
            if options & _HIDDEN_ROW or not height & 0x7FFF:
                self._rows.add(row)
        elif record == COLINFO and len(body) >= 10:
            first, last, width, _, options = struct.unpack_from("<5H", body)
            if options & _HIDDEN_COLUMN or not width:
                self._columns.update(range(first, min(last, _MOST_COLUMNS - 1) + 1))
