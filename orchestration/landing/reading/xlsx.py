"""Excel workbooks since 2007 (xlsx, xlsm): a zip of XML parts.

Here: what must hold before calamine may see the bytes. Every XML part is inflated once against its
declared size and checksum, so a flipped byte or a zip bomb is refused and never read as data; the
extent of each sheet is bounded. Not here: cells (`workbook`), what calamine doesn't show
(`xlsx_facts`).
"""

import io
import re
import zipfile
import zlib

from orchestration.landing.reading.cells import Reading
from orchestration.landing.reading.source import Source
from orchestration.landing.reading.workbook import MAX_GRID_CELLS, read_workbook
from orchestration.landing.reading.xlsx_facts import column_number, sheet_facts, with_brackets

MAX_XML_BYTES = 512 * 2**20
"""All XML parts of a workbook together, inflated."""
MAX_PARTS = 20_000

# Cells and rows not written as nearly every program writes them, with a reference first that has at
# most two letters and four digits. A sheet without such spans at most 702 x 9,999 cells; any other
# is measured cell by cell.
_UNUSUAL_CELL = re.compile(rb"""<c(?! r="[A-Z]{1,2}[0-9]{1,4}")[\s/>]""")
_UNUSUAL_ROW = re.compile(rb"""<row(?! r="[0-9]{1,4}")[\s/>]""")
_PREFIXED = (b":c ", b":c>", b":row ", b":row>")
_ROW = re.compile(rb"""<(?:\w+:)?row\b[^>]*?\sr=["']([0-9]+)["']""")
_CELL = re.compile(
    rb"""<(?:\w+:)?c\b([^>]*)(?<!/)>\s*<(?:\w+:)?(?:v|f|is)\b""",
)
_REFERENCE = re.compile(rb"""\sr=["']([A-Za-z]+)([0-9]+)["']""")
_UNPLACED = re.compile(rb"<(?:\w+:)?c(?![^>]*\sr=)[\s>]")


def read(source: Source, batch_rows: int) -> Reading:
    """The cells of an xlsx file; `batch_rows` has no effect, a sheet is one batch."""
    return read_content(source, source.data, "xlsx")


def read_content(source: Source, content: bytes, media_kind: str) -> Reading:
    """The cells of the bytes of an xlsx workbook, which need not be those of the file itself."""
    parts = _inflate_all(source, content)
    sheets = {name: xml for name, xml in parts.items() if "worksheets/" in name}
    for name, xml in sheets.items():
        _check_extent(source, name, xml)
    return read_workbook(
        source, with_brackets(content, parts), media_kind, sheet_facts(parts, sheets)
    )


def _inflate_all(source: Source, content: bytes) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError) as error:
        raise source.refusal(
            "truncated" if b"PK\x05\x06" not in content[-66_000:] else "damaged",
            f"the workbook's list of parts is missing or broken ({error}); the file was probably "
            "cut off: copy or download it again",
        ) from error
    entries = [entry for entry in entries if entry.filename.lower().endswith((".xml", ".rels"))]
    total = sum(entry.file_size for entry in entries)
    if total > MAX_XML_BYTES or len(entries) > MAX_PARTS:
        raise source.refusal(
            "too-large",
            f"{len(entries):,} parts of {total:,} bytes when unpacked, expected at most "
            f"{MAX_PARTS:,} and {MAX_XML_BYTES:,}; split the workbook or save it as CSV or Parquet",
        )
    return {entry.filename: _inflate(source, content, entry) for entry in entries}


def _inflate(source: Source, content: bytes, entry: zipfile.ZipInfo) -> bytes:
    # Not by zipfile: it stops at the declared size, calamine reads to the end of the stream.
    if entry.flag_bits & 1:
        raise source.refusal(
            "password", f"part {entry.filename} is encrypted; remove the password and save again"
        )
    start = entry.header_offset
    header = content[start : start + 30]
    begin = start + 30 + int.from_bytes(header[26:28], "little")
    begin += int.from_bytes(header[28:30], "little")
    packed = content[begin : begin + entry.compress_size]
    problem = ""
    raw = b""
    if header[:4] != b"PK\x03\x04" or len(packed) != entry.compress_size:
        problem = "is not where the list of parts says"
    elif entry.compress_type == zipfile.ZIP_STORED:
        raw = packed
    elif entry.compress_type == zipfile.ZIP_DEFLATED:
        inflater = zlib.decompressobj(-zlib.MAX_WBITS)
        try:
            raw = inflater.decompress(packed, entry.file_size + 1)
        except zlib.error as error:
            problem = f"can't be unpacked ({error})"
        else:
            if not inflater.eof:
                problem = "unpacks to more or less than its declared size"
    else:
        problem = f"is packed by method {entry.compress_type}, expected 0 or 8"
    if not problem and (len(raw) != entry.file_size or zlib.crc32(raw) != entry.CRC):
        problem = "does not match its checksum"
    if problem:
        raise source.refusal(
            "damaged",
            f"part {entry.filename} {problem}; copy or download the file again, or open it in "
            "Excel and save it",
        )
    return raw


def _check_extent(source: Source, name: str, xml: bytes) -> None:
    if not (
        _UNUSUAL_CELL.search(xml)
        or _UNUSUAL_ROW.search(xml)
        or any(mark in xml for mark in _PREFIXED)
    ):
        return
    row_numbers = [int(row) for row in _ROW.findall(xml)]
    rows, columns = [], []
    for cell in _CELL.finditer(xml):
        reference = _REFERENCE.search(cell[1])
        if reference:
            columns.append(column_number(reference[1]))
            rows.append(int(reference[2]))
    if _UNPLACED.search(xml):
        # Cells without a reference follow each other from the last one that has one.
        widest = max(
            len(re.findall(rb"<(?:\w+:)?c\b", part)) for part in re.split(rb"<(?:\w+:)?row\b", xml)
        )
        rows += [1, max(row_numbers, default=0) + len(re.findall(rb"<(?:\w+:)?row\b", xml))]
        columns += [1, max(columns, default=0) + widest]
    if not rows:
        return
    height, width = max(rows) - min(rows) + 1, max(columns) - min(columns) + 1
    if height * width > MAX_GRID_CELLS:
        raise source.refusal(
            "too-large",
            f"{name} spans {height:,} rows x {width:,} columns, expected at most "
            f"{MAX_GRID_CELLS:,} cells; delete stray cells far from the table, or save the sheet "
            "as CSV",
        )
