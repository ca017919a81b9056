"""Small xls workbooks, record by record: what no library on hand writes (BIFF 5, struck runs, hidden rows).

Here: the records ([MS-XLS] 2.4, and those of Excel 5) and a compound file around them. Not here: pages.
"""

import struct
from dataclasses import dataclass, field

GENERAL, FIRST_OWN_FORMAT = 0, 164
_END, _FREE, _FAT = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD
_SECTOR = 512


@dataclass
class Cell:
    """A cell: a number or a text; `style` is a key of the workbook's styles, `runs` (offset, font)."""

    row: int
    column: int
    value: float | str
    style: int = 0
    runs: tuple[tuple[int, int], ...] = ()


@dataclass
class Workbook:
    """One sheet. A font is (is struck, escapement), font 4 is skipped as in Excel; a style (font, format code)."""

    is_biff8: bool
    codepage: int | None = 936
    encoding: str = "gb18030"
    fonts: list[tuple[bool, int]] = field(default_factory=lambda: [(False, 0)])
    styles: list[tuple[int, str | None]] = field(default_factory=lambda: [(0, None)])
    cells: list[Cell] = field(default_factory=list)
    hidden_rows: tuple[int, ...] = ()
    hidden_columns: tuple[int, ...] = ()
    merged: tuple[tuple[int, int, int, int], ...] = ()
    is_hidden: bool = False
    has_styles: bool = True

    def content(self) -> bytes:
        """The bytes of the file."""
        return compound(self._stream(), "Workbook" if self.is_biff8 else "Book")

    def _text(self, text: str, count: str) -> bytes:
        if self.is_biff8:
            return struct.pack(f"<{count}B", len(text), 1) + text.encode("utf-16-le")
        stored = text.encode(self.encoding)
        return struct.pack(f"<{count}", len(stored)) + stored

    def _stream(self) -> bytes:
        version = 0x0600 if self.is_biff8 else 0x0500
        head = _record(0x0809, struct.pack("<HHHH", version, 0x0005, 0x0DBB, 1996) + self._flags())
        if self.codepage is not None:
            head += _record(0x0042, struct.pack("<H", 1200 if self.is_biff8 else self.codepage))
        if self.has_styles:
            head += self._style_records()
        tail = b""
        if self.is_biff8:
            texts = [cell for cell in self.cells if isinstance(cell.value, str)]
            body = struct.pack("<II", len(texts), len(texts))
            for cell in texts:
                body += struct.pack("<HB", len(cell.value), 9 if cell.runs else 1)
                body += struct.pack("<H", len(cell.runs)) if cell.runs else b""
                body += cell.value.encode("utf-16-le")
                body += b"".join(struct.pack("<HH", *run) for run in cell.runs)
            tail = _record(0x00FC, body)
        name = self._text("Sheet1", "B")
        length = len(head) + 4 + 6 + len(name) + len(tail) + 4
        bound = _record(0x0085, struct.pack("<IBB", length, int(self.is_hidden), 0) + name)
        return head + bound + tail + _record(0x000A, b"") + self._sheet(version)

    def _flags(self) -> bytes:
        return bytes(8) if self.is_biff8 else b""

    def _style_records(self) -> bytes:
        records = b""
        for struck, shift in self.fonts:
            records += _record(
                0x0031,
                struct.pack("<HHHHHBBBB", 220, 8 if struck else 0, 0x7FFF, 400, shift, 0, 0, 0, 0)
                + self._text("Arial", "B"),
            )
        codes = [code for _, code in self.styles if code is not None]
        for number, code in enumerate(codes, FIRST_OWN_FORMAT):
            text = self._text(code, "H" if self.is_biff8 else "B")
            records += _record(0x041E, struct.pack("<H", number) + text)
        own = iter(range(FIRST_OWN_FORMAT, FIRST_OWN_FORMAT + len(codes)))
        for font, code in self.styles:
            form = GENERAL if code is None else next(own)
            records += _record(
                0x00E0, struct.pack("<HHH", font, form, 0).ljust(20 if self.is_biff8 else 16, b"\0")
            )
        return records

    def _sheet(self, version: int) -> bytes:
        body = _record(0x0809, struct.pack("<HHHH", version, 0x0010, 0x0DBB, 1996) + self._flags())
        for column in self.hidden_columns:
            body += _record(0x007D, struct.pack("<HHHHHH", column, column, 2048, 0, 1, 0))
        for row in self.hidden_rows:
            body += _record(0x0208, struct.pack("<HHHHHHI", row, 0, 9, 255, 0, 0, 0x20))
        number = 0
        for cell in sorted(self.cells, key=lambda cell: (cell.row, cell.column)):
            place = struct.pack("<HHH", cell.row, cell.column, cell.style)
            if isinstance(cell.value, str):
                if self.is_biff8:
                    body += _record(0x00FD, place + struct.pack("<I", self._index(cell)))
                    number += 1
                else:
                    runs = b"".join(struct.pack("<BB", *run) for run in cell.runs)
                    counted = struct.pack("<B", len(cell.runs)) + runs
                    kind = 0x00D6 if cell.runs else 0x0204
                    text = self._text(cell.value, "H")
                    body += _record(kind, place + text + (counted if cell.runs else b""))
            else:
                body += _record(0x0203, place + struct.pack("<d", cell.value))
        if self.merged:
            ranges = b"".join(struct.pack("<HHHH", *area) for area in self.merged)
            body += _record(0x00E5, struct.pack("<H", len(self.merged)) + ranges)
        return body + _record(0x000A, b"")

    def _index(self, wanted: Cell) -> int:
        texts = [cell for cell in self.cells if isinstance(cell.value, str)]
        return next(number for number, cell in enumerate(texts) if cell is wanted)


def _record(kind: int, body: bytes) -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def compound(stream: bytes, name: str) -> bytes:
    """A compound file ([MS-CFB]) with one stream, large enough for sectors of its own."""
    stream = stream.ljust(max(4096, -(-len(stream) // _SECTOR) * _SECTOR), b"\0")
    used = len(stream) // _SECTOR
    chain = [_FAT, _END, *range(3, used + 2), _END]
    assert len(chain) <= _SECTOR // 4, "one sector of chains holds it"
    chain += [_FREE] * (_SECTOR // 4 - len(chain))

    def entry(text: str, kind: int, child: int, start: int, size: int) -> bytes:
        stored = text.encode("utf-16-le") + b"\0\0"
        return (
            stored.ljust(64, b"\0")
            + struct.pack("<HBBIII", len(stored), kind, 1, _FREE, _FREE, child)
            + bytes(36)
            + struct.pack("<IQ", start, size)
        )

    header = struct.pack(
        "<8s16xHHHHH6xIIIIIIIIII",
        *(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 0x3E, 3, 0xFFFE, 9, 6),
        *(0, 1, 1, 0, 4096, _END, 0, _END, 0),
        0,
    ).ljust(_SECTOR, b"\xff")
    directory = entry("Root Entry", 5, 1, _END, 0) + entry(name, 2, _FREE, 2, len(stream))
    return (
        header + struct.pack(f"<{len(chain)}I", *chain) + directory.ljust(_SECTOR, b"\0") + stream
    )
