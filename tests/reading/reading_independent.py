"""Second readings of yearbook files that share no code with the reader under test.

BIFF records are parsed here by hand ([MS-XLS] 2.4), HTML with the standard library's parser, CSV
with the csv module. Every function gives {(sheet, row, column): (text, row span, column span)},
counted from 0, 1 and 1, without blank cells.
"""

import csv
import io
import struct
from html.parser import HTMLParser

import olefile

Cells = dict[tuple[int, int, int], tuple[str, int, int]]


def number(value: float) -> str:
    return str(int(value)) if value == int(value) and abs(value) < 1e16 else repr(value)


def without_blanks(cells: Cells) -> Cells:
    return {place: cell for place, cell in cells.items() if cell[0].strip()}


def _rk(raw: int) -> float:
    if raw & 2:
        value = float(struct.unpack("<i", struct.pack("<I", raw))[0] >> 2)
    else:
        value = struct.unpack("<d", b"\0\0\0\0" + struct.pack("<I", raw & 0xFFFFFFFC))[0]
    return value / 100 if raw & 1 else value


class _Pieces:
    """The bytes of a record and its CONTINUE records, with their borders."""

    def __init__(self, pieces: list[bytes]) -> None:
        self.pieces, self.index, self.at = pieces, 0, 0

    def take(self, count: int) -> bytes:
        out = b""
        while count:
            if self.at == len(self.pieces[self.index]):
                self.index, self.at = self.index + 1, 0
            part = self.pieces[self.index][self.at : self.at + count]
            out += part
            self.at += len(part)
            count -= len(part)
        return out

    def characters(self, count: int, wide: bool) -> str:
        out = ""
        while count:
            if self.at == len(self.pieces[self.index]):
                self.index, self.at = self.index + 1, 0
                wide = bool(self.take(1)[0] & 1)
            width = 2 if wide else 1
            here = min(count, (len(self.pieces[self.index]) - self.at) // width)
            out += self.take(here * width).decode("utf-16-le" if wide else "latin-1")
            count -= here
        return out

    def string(self) -> str:
        count, flags = struct.unpack("<HB", self.take(3))
        runs = struct.unpack("<H", self.take(2))[0] if flags & 8 else 0
        phonetic = struct.unpack("<I", self.take(4))[0] if flags & 4 else 0
        text = self.characters(count, bool(flags & 1))
        self.take(4 * runs + phonetic)
        return text


def biff8(content: bytes) -> Cells:
    stream = olefile.OleFileIO(io.BytesIO(content)).openstream("Workbook").read()
    records: list[tuple[int, int, bytes]] = []
    position = 0
    while position + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, position)
        records.append((position, kind, stream[position + 4 : position + 4 + length]))
        position += 4 + length
    starts = [struct.unpack_from("<I", data)[0] for _, kind, data in records if kind == 0x85]
    shared: list[str] = []
    cells: Cells = {}
    merges: list[tuple[int, int, int, int, int]] = []
    sheet = -1
    for i, (offset, kind, data) in enumerate(records):
        if kind == 0x809:
            sheet = starts.index(offset) if offset in starts else sheet
        elif kind == 0xFC:
            pieces = [data[8:]]
            for _, next_kind, next_data in records[i + 1 :]:
                if next_kind != 0x3C:
                    break
                pieces.append(next_data)
            reader = _Pieces(pieces)
            shared = [reader.string() for _ in range(struct.unpack_from("<I", data, 4)[0])]
        elif kind == 0xE5:
            for m in range(struct.unpack_from("<H", data)[0]):
                merges.append((sheet, *struct.unpack_from("<HHHH", data, 2 + 8 * m)))
        elif kind in (0xFD, 0x203, 0x27E, 0xBD, 0x06):
            row, column = struct.unpack_from("<HH", data)
            if kind == 0xFD:
                values = [shared[struct.unpack_from("<I", data, 6)[0]]]
            elif kind in (0x203, 0x06):
                assert data[12:14] != b"\xff\xff", "text formulas: not in these files"
                values = [number(struct.unpack_from("<d", data, 6)[0])]
            elif kind == 0x27E:
                values = [number(_rk(struct.unpack_from("<I", data, 6)[0]))]
            else:
                count = (len(data) - 6) // 6
                raw = [struct.unpack_from("<I", data, 6 + 6 * k)[0] for k in range(count)]
                values = [number(_rk(r)) for r in raw]
            for k, value in enumerate(values):
                cells[sheet, row + 1, column + 1 + k] = (value, 1, 1)
        else:
            assert kind not in (0x204, 0x205, 0xD6), "not in these files"
    for sheet, top, bottom, left, right in merges:
        place = (sheet, top + 1, left + 1)
        if place in cells:
            cells[place] = (cells[place][0], bottom - top + 1, right - left + 1)
    return without_blanks(cells)


class _Tables(HTMLParser):
    """Text outside tables line by line, and tables as rows of (text, row span, column span)."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks: list = []
        self.rows: list | None = None
        self.cell: list | None = None
        self.body = False
        self.loose = ""

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag == "body":
            self.body = True
        elif tag == "table":
            self.rows = []
        elif tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.cell = ["", int(given.get("rowspan", 1)), int(given.get("colspan", 1))]
            self.rows[-1].append(self.cell)
        elif tag == "div":
            self.flush()

    def handle_endtag(self, tag):
        if tag == "table":
            self.blocks.append(self.rows)
            self.rows = None
        elif tag in ("td", "th"):
            self.cell = None
        elif tag in ("div", "body"):
            self.flush()

    def handle_data(self, data):
        if self.cell is not None:
            self.cell[0] += data
        elif self.body and self.rows is None:
            self.loose += data

    def flush(self):
        if self.loose.strip():
            self.blocks.append(self.loose.strip())
        self.loose = ""


def html(text: str) -> Cells:
    parser = _Tables()
    parser.feed(text)
    cells: Cells = {}
    row = 1
    for block in parser.blocks:
        if isinstance(block, str):
            cells[0, row, 1] = (block, 1, 1)
            row += 1
            continue
        taken: set[tuple[int, int]] = set()
        for line in block:
            column = 1
            for printed, height, width in line:
                while (row, column) in taken:
                    column += 1
                taken |= {(row + i, column + j) for i in range(height) for j in range(width)}
                cells[0, row, column] = (printed.strip(" \t\r\n"), height, width)
            row += 1
    return without_blanks(cells)


def comma_separated(text: str) -> Cells:
    rows = csv.reader(io.StringIO(text, newline=""))
    return without_blanks(
        {
            (0, i, j): (field, 1, 1)
            for i, row in enumerate(rows, 1)
            for j, field in enumerate(row, 1)
        }
    )
