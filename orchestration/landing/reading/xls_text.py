"""What only xlrd reads of an xls workbook: BIFF 5 as a whole, and the runs of texts.

Here: BIFF 5 (Excel 5/95, and programs that read print), whose texts are bytes of a code page that calamine garbles
where a character has two of them; which code page that is; struck and raised runs of both versions. Not here: what
makes it safe to hand over the bytes (`xls`).
"""

import codecs
import io
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import pyarrow as pa
import xlrd

from orchestration.landing.reading.cells import Reading, grid_batch
from orchestration.landing.reading.facts import Place, SheetFacts, with_facts
from orchestration.landing.reading.marks import LOWERED, RAISED, STRUCK, bracket, shifted
from orchestration.landing.reading.source import Source
from orchestration.landing.reading.text import EVERYDAY_SHARE, everyday_share

_CHINESE = "gb18030"
_CODECS = {936: _CHINESE, 54936: _CHINESE, 1200: "utf-16-le", 10000: "mac-roman", 65001: "utf-8"}
_FIRST_DAY = 61
"""From this number of a day on no program disagrees about the date it stands for."""


def read_biff5(
    source: Source,
    stream: bytes,
    media_kind: str,
    tabs: Sequence[int],
    facts: Sequence[SheetFacts],
    *,
    with_runs: bool,
) -> Reading:
    """The cells of a BIFF 5 workbook; `tabs` are the places of its worksheets among all tabs.

    `with_runs` where a font is struck or raised: xlrd then wants more records to be there than plain
    programs write.
    """
    # Byte by byte first: which code page it is shows in the texts, not always in the record.
    book = _open(stream, "latin-1", with_runs=with_runs)
    texts = {
        value
        for sheet in book.sheets()
        for row in range(sheet.nrows)
        for value in sheet.row_values(row)
        if isinstance(value, str) and not value.isascii()
    }
    names = [sheet.name for sheet in book.sheets()]
    encoding = _encoding(source, book.codepage, {*texts, *(n for n in names if not n.isascii())})

    def decode(text: str) -> str:
        return text if text.isascii() else text.encode("latin-1").decode(encoding)

    def batches() -> Iterator[pa.RecordBatch]:
        for index, sheet in zip(tabs, book.sheets(), strict=False):
            grid = [_row(book, sheet, row, decode) for row in range(sheet.nrows)]
            said = facts[index] if index < len(facts) else SheetFacts()
            said = _with_runs(said, _runs(book, sheet, decode), is_hidden=bool(sheet.visibility))
            batch = grid_batch(
                index, decode(sheet.name), grid, first_row=0, first_column=0, extra=said.errors
            )
            yield with_facts(batch, said)

    return Reading(media_kind, encoding, book.nsheets, batches())


def facts_with_runs(
    stream: bytes, tabs: Sequence[int], facts: Sequence[SheetFacts]
) -> list[SheetFacts]:
    """Facts of BIFF 8 sheets with those of their texts that have struck or raised runs."""
    book = _open(stream, None, with_runs=True)
    found = list(facts)
    for index, sheet in zip(tabs, book.sheets(), strict=False):
        found[index] = _with_runs(found[index], _runs(book, sheet, str))
    return found


def _open(stream: bytes, encoding: str | None, *, with_runs: bool) -> Any:
    return xlrd.open_workbook(
        file_contents=stream,
        encoding_override=encoding,
        formatting_info=with_runs,
        ragged_rows=True,
        logfile=io.StringIO(),
    )


def _encoding(source: Source, codepage: int | None, texts: set[str]) -> str:
    """The codec of a workbook's texts: Chinese where they are, whatever the file says of itself."""
    declared = _CODECS.get(codepage or 0, f"cp{codepage}")
    stored = [text.encode("latin-1") for text in sorted(texts)]
    for codec in dict.fromkeys([_CHINESE, declared]):
        try:
            codecs.lookup(codec)
            decoded = "".join(text.decode(codec) for text in stored)
        except (LookupError, UnicodeDecodeError):
            continue
        if codec == declared or everyday_share(decoded) >= EVERYDAY_SHARE:
            return codec
    raise source.refusal(
        "encoding",
        f"its texts are in code page {codepage or 'unknown'} and can't be decoded by it, nor as GB18030; open it"
        " in Excel and save it as .xlsx",
    )


def _row(book: Any, sheet: Any, row: int, decode: Any) -> list[Any]:
    values: list[Any] = []
    for kind, value in zip(sheet.row_types(row), sheet.row_values(row), strict=True):
        if kind == xlrd.XL_CELL_TEXT:
            values.append(decode(value))
        elif kind == xlrd.XL_CELL_DATE:
            values.append(_date(value, book.datemode))
        elif kind == xlrd.XL_CELL_BOOLEAN:
            values.append(bool(value))
        else:
            values.append(value if kind == xlrd.XL_CELL_NUMBER else "")
    return values + [""] * (sheet.ncols - len(values))


def _date(value: float, mode: int) -> Any:
    if 0 <= value < 1:
        return xlrd.xldate.xldate_as_datetime(value, mode).time()
    if value < _FIRST_DAY and not mode:
        return value
    try:
        date: datetime = xlrd.xldate.xldate_as_datetime(value, mode)
    except (OverflowError, ValueError):
        return value
    return date


def _runs(book: Any, sheet: Any, decode: Any) -> dict[Place, str]:
    """Texts with a struck, raised or lowered run, in brackets."""
    found: dict[Place, str] = {}
    if not book.formatting_info:
        return found  # no font says anything
    for (row, column), runs in sheet.rich_text_runlist_map.items():
        text = sheet.cell_value(row, column)
        if not isinstance(text, str):
            continue
        first = book.xf_list[sheet.cell_xf_index(row, column)].font_index
        starts = [(0, first), *[run for run in runs if run[0] < len(text)]]
        ends = [start for start, _ in starts[1:]] + [len(text)]
        pieces = []
        is_marked = False
        for (start, font_index), end in zip(starts, ends, strict=True):
            font = book.font_list[font_index]
            piece = decode(text[start:end])
            if font.escapement:
                piece = shifted(piece, RAISED if font.escapement == 1 else LOWERED)
            if font.struck_out:
                piece = bracket(piece, STRUCK)
            is_marked = is_marked or bool(font.escapement or font.struck_out)
            pieces.append(piece)
        if is_marked:
            found[row, column] = "".join(pieces)
        else:
            found[row, column] = decode(text)
    return found


def _with_runs(
    facts: SheetFacts, texts: dict[Place, str], *, is_hidden: bool = False
) -> SheetFacts:
    # Where a text has runs of its own the cell's font holds for none but the first.
    marks = {place: marks for place, marks in facts.marks.items() if place not in texts}
    return replace(facts, texts=texts, marks=marks, is_hidden=is_hidden or facts.is_hidden)
