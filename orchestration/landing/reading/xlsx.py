"""Excel workbooks since 2007 (xlsx, xlsm): a zip of XML parts.

Here: what must hold before calamine may see the bytes. Every XML part is inflated once against its
declared size and checksum, so a flipped byte or a zip bomb is refused and never read as data; the
extent of each sheet is bounded; what calamine doesn't show is collected: error values and formulas
without a stored result, percentage formats, raised figures. Not here: cells (`workbook`).
"""

import io
import posixpath
import re
import zipfile
import zlib
from xml.etree import ElementTree
from xml.sax.saxutils import unescape

from orchestration.landing.reading.cells import SUPERSCRIPT, Reading
from orchestration.landing.reading.source import Source
from orchestration.landing.reading.workbook import (
    BUILT_IN_PERCENT,
    MAX_GRID_CELLS,
    is_percent_format,
    read_workbook,
)

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
# What an error or a formula without a stored result leaves in a sheet; most sheets have neither.
_NEEDS_CARE = re.compile(
    rb"""\st=["']e["']|</(?:\w+:)?f>\s*</(?:\w+:)?c>|<(?:\w+:)?v\s*/>|"""
    rb"""<(?:\w+:)?v>\s*</|<(?:\w+:)?f\b[^>]*/>\s*</(?:\w+:)?c>"""
)
_CELL_WHOLE = re.compile(rb"<(?:\w+:)?c\b([^>]*)(?<!/)>(.*?)</(?:\w+:)?c>", re.DOTALL)
_REFERENCE = re.compile(rb"""\sr=["']([A-Za-z]+)([0-9]+)["']""")
_UNPLACED = re.compile(rb"<(?:\w+:)?c(?![^>]*\sr=)[\s>]")
_TYPE = re.compile(rb"""\st=["'](\w+)["']""")
_VALUE = re.compile(rb"<(?:\w+:)?v\b[^>]*>([^<]*)<")
_RUN = re.compile(rb"<(?:\w+:)?r>.*?</(?:\w+:)?r>", re.DOTALL)
_RUN_TEXT = re.compile(rb"(<(?:\w+:)?t\b[^>]*>)([^<]*)(</)")
_FORMULA = re.compile(rb"<(?:\w+:)?f\b[^>]*?(?:/>|>([^<]*)<)")


def read(source: Source, batch_rows: int) -> Reading:
    """The cells of an xlsx file; `batch_rows` has no effect, a sheet is one batch."""
    return read_content(source, source.data, "xlsx")


def read_content(source: Source, content: bytes, media_kind: str) -> Reading:
    """The cells of the bytes of an xlsx workbook, which need not be those of the file itself."""
    parts = _inflate_all(source, content)
    sheets = {name: xml for name, xml in parts.items() if "worksheets/" in name}
    for name, xml in sheets.items():
        _check_extent(source, name, xml)
    errors, percents = _error_cells(parts, sheets), _percent_cells(parts, sheets)
    return read_workbook(source, _with_raised(content, parts), media_kind, errors, percents)


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


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


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
            columns.append(_column_number(reference[1]))
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


def _error_cells(
    parts: dict[str, bytes], sheets: dict[str, bytes]
) -> list[list[tuple[int, int, str]]]:
    found = {name: _errors_of_sheet(xml) for name, xml in sheets.items()}
    if not any(found.values()):
        return []
    return [found.get(name, []) for name in _sheet_parts(parts)]


def _with_raised(content: bytes, parts: dict[str, bytes]) -> bytes:
    """The workbook with raised figures as characters of their own; calamine joins 84 and its note 2."""
    if not any(b"superscript" in xml for name, xml in parts.items() if name != "xl/styles.xml"):
        return content

    def raised_text(text: re.Match[bytes]) -> bytes:
        return text[1] + text[2].decode().translate(SUPERSCRIPT).encode() + text[3]

    def raised(run: re.Match[bytes]) -> bytes:
        return _RUN_TEXT.sub(raised_text, run[0]) if b"superscript" in run[0] else run[0]

    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for name, xml in parts.items():
            archive.writestr(name, _RUN.sub(raised, xml) if b"superscript" in xml else xml)
    return written.getvalue()


def _percent_cells(
    parts: dict[str, bytes], sheets: dict[str, bytes]
) -> list[list[tuple[int, int]]]:
    styles = _percent_styles(parts.get("xl/styles.xml", b""))
    if not styles:
        return []
    chosen = "|".join(str(style) for style in styles).encode()
    cell = re.compile(
        rb"""<(?:\w+:)?c\b(?=[^>]*\ss=["'](?:"""
        + chosen
        + rb""")["'])[^>]*?\sr=["']([A-Za-z]+)([0-9]+)["']"""
    )
    found = {
        name: [(int(row) - 1, _column_number(letters) - 1) for letters, row in cell.findall(xml)]
        for name, xml in sheets.items()
    }
    if not any(found.values()):
        return []
    return [found.get(name, []) for name in _sheet_parts(parts)]


def _percent_styles(styles: bytes) -> list[int]:
    """The cell styles, by number, whose number format is a percentage."""
    if b"numFmt" not in styles:
        return []
    formats = set(BUILT_IN_PERCENT)
    chosen = []
    for element in ElementTree.fromstring(styles).iter():  # noqa: S314 - as in _sheet_parts
        tag = element.tag.rpartition("}")[2]
        if tag == "numFmt" and is_percent_format(element.get("formatCode", "")):
            formats.add(int(element.get("numFmtId", "-1")))
        elif tag == "cellXfs":
            for number, style in enumerate(element):
                if int(style.get("numFmtId", "0")) in formats:
                    chosen.append(number)
    return chosen


def _errors_of_sheet(xml: bytes) -> list[tuple[int, int, str]]:
    # The substrings first: they are an order of magnitude faster than the pattern.
    if not any(mark in xml for mark in (b't="e"', b"t='e'", b"<f", b":f")) or not (
        _NEEDS_CARE.search(xml)
    ):
        return []
    cells = []
    for cell in _CELL_WHOLE.finditer(xml):
        reference = _REFERENCE.search(cell[1])
        kind = _TYPE.search(cell[1])
        value = _VALUE.search(cell[2])
        stored = value[1].strip() if value else b""
        if reference is None:
            continue
        if kind and kind[1] == b"e":
            text = unescape(stored.decode("utf-8", "replace")) or "#ERROR!"
        elif not stored and (kind is None or kind[1] == b"n"):
            # Without a stored result nobody knows what the cell would print: say so, by formula.
            formula = _FORMULA.search(cell[2])
            if formula is None:
                continue
            entities = {"&quot;": '"', "&apos;": "'"}
            text = "=" + unescape((formula[1] or b"").decode("utf-8", "replace"), entities)
        else:
            continue
        cells.append((int(reference[2]) - 1, _column_number(reference[1]) - 1, text))
    return cells


def _sheet_parts(parts: dict[str, bytes]) -> list[str]:
    """The part of each tab in the order of the workbook."""
    targets = {}
    # S314: expat bounds the growth of entities by itself, and the size of parts is bounded.
    relations = ElementTree.fromstring(parts["xl/_rels/workbook.xml.rels"])  # noqa: S314
    for relation in relations.iter():
        target = relation.get("Target")
        if target:
            targets[relation.get("Id")] = posixpath.normpath(posixpath.join("/xl", target))[1:]
    names = []
    for element in ElementTree.fromstring(parts["xl/workbook.xml"]).iter():  # noqa: S314
        if element.tag.rpartition("}")[2] == "sheet":
            identifier = next((v for k, v in element.items() if k.endswith("}id")), None)
            names.append(targets.get(identifier, ""))
    return names
