"""Excel workbooks before 2007 (xls): BIFF records in an OLE compound file.

Here: finding the workbook stream, opening encryption with Excel's default password, a walk over the
records that bounds each sheet before calamine may see the bytes, a clean container for them, and
the choice of the reader. Also the encrypted xlsx, whose outer shell is the same compound file. Not here:
cells (`workbook`), what calamine doesn't show (`xls_facts`), BIFF 5 (`xls_text`), the parts of an xlsx
(`xlsx`).

Records: [MS-XLS] 2.4; cells are numbered from 0 in them.
"""

import io
import re
import struct

import olefile

from orchestration.landing.reading import xlsx
from orchestration.landing.reading.cells import Reading
from orchestration.landing.reading.errors import UnreadableFile
from orchestration.landing.reading.facts import SheetFacts
from orchestration.landing.reading.source import Source
from orchestration.landing.reading.workbook import MAX_GRID_CELLS, read_workbook
from orchestration.landing.reading.xls_facts import (
    BIFF_8,
    BOF,
    EOF,
    FORMULA,
    LAYOUT,
    MULRK,
    VALUE_CELLS,
    Scan,
    Styles,
    read_styles,
    version,
)
from orchestration.landing.reading.xls_text import facts_with_runs, read_biff5

DEFAULT_PASSWORD = "VelvetSweatshop"  # noqa: S105 - Excel's public default, tried by Excel itself
MAX_KEY_ITERATIONS = 10_000_000
"""Bound on the iterations of key derivation that an encrypted file may ask for (Excel: 100,000)."""

_FILEPASS, _BOUNDSHEET, _DIMENSIONS = 0x002F, 0x0085, 0x0200
_STRING, _SST = 0x0207, 0x00FC
_EMPTY_CELLS = {0x0201, 0x00BE}
_IGNORED = 0xFFFF  # no record has this number
_LEAST_STRING_BYTES = 3
_WORKSHEET = 0
_MAX_COLUMNS = 256
_SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SECTOR = 4096


def read(source: Source, batch_rows: int) -> Reading:
    """The cells of a compound file; `batch_rows` has no effect, a sheet is one batch."""
    content = source.data
    with _compound(source, content) as shell:
        names = {"/".join(path).lower(): path for path in shell.listdir()}
        if "encryptedpackage" in names:
            return xlsx.read_content(source, _decrypt(source, content), "xlsx-encrypted")
        stream = _workbook_stream(source, shell, names)
    if not _is_encrypted(stream):
        return _read_records(source, stream, "xls")
    content = _decrypt(source, content)
    with _compound(source, content) as shell:
        names = {"/".join(path).lower(): path for path in shell.listdir()}
        stream = _workbook_stream(source, shell, names)
    return _read_records(source, stream, "xls-encrypted")


def _compound(source: Source, content: bytes) -> olefile.OleFileIO:
    try:
        return olefile.OleFileIO(io.BytesIO(content))
    except Exception as error:
        raise source.refusal(
            "damaged",
            f"it starts like an .xls workbook and its directory is broken ({error}); copy or "
            "download it again, or open it in Excel and save it",
        ) from error


def _workbook_stream(
    source: Source, shell: olefile.OleFileIO, names: dict[str, list[str]]
) -> bytes:
    path = names.get("workbook") or names.get("book")
    if path is None:
        if names.keys() & {"worddocument", "powerpoint document"}:
            raise source.refusal(
                "document", "a Word or PowerPoint file; expected a workbook: put its table in one"
            )
        raise source.refusal(
            "unknown-format",
            "an OLE file without a workbook in it; expected .xls content: open it in the program "
            "that wrote it and save it as .xlsx",
        )
    try:
        size = shell.get_size(path)
        stream = shell.openstream(path).read()
    except Exception as error:
        raise source.refusal(
            "truncated",
            f"the workbook stream ends early ({error}); the file was probably cut off: copy or "
            "download it again",
        ) from error
    if len(stream) < size:
        raise source.refusal(
            "truncated",
            f"the workbook stream has {len(stream):,} of {size:,} bytes; the file was cut off: "
            "copy or download it again",
        )
    return stream


def _is_encrypted(stream: bytes) -> bool:
    # FILEPASS follows the first BOF, with at most a few records between.
    position = 0
    for _ in range(8):
        if position + 4 > len(stream):
            return False
        record, length = struct.unpack_from("<HH", stream, position)
        if record == _FILEPASS:
            return True
        position += 4 + length
    return False


def _decrypt(source: Source, content: bytes) -> bytes:
    import msoffcrypto
    from msoffcrypto.exceptions import DecryptionError, InvalidKeyError

    iterations = re.search(rb'spinCount="([0-9]+)"', content)
    if iterations and int(iterations[1]) > MAX_KEY_ITERATIONS:
        raise source.refusal(
            "damaged",
            f"its encryption asks for {int(iterations[1]):,} iterations, expected at most "
            f"{MAX_KEY_ITERATIONS:,}; save it again in Excel without a password",
        )
    plain = io.BytesIO()
    try:
        document = msoffcrypto.OfficeFile(io.BytesIO(content))
        document.load_key(password=DEFAULT_PASSWORD)
        document.decrypt(plain)
    except (InvalidKeyError, DecryptionError) as error:
        raise source.refusal(
            "password",
            "the workbook has a password of its own; expected none, or Excel's default one: open "
            "it in Excel, remove the password and save it again",
        ) from error
    except Exception as error:
        raise source.refusal(
            "damaged",
            f"it is encrypted and the encryption can't be undone ({error}); open it in Excel, "
            "remove the password and save it again",
        ) from error
    return plain.getvalue()


def _read_records(source: Source, stream: bytes, media_kind: str) -> Reading:
    clean = bytearray(stream)
    styles = read_styles(stream)
    tabs = _tabs(source, stream)
    # Tabs of other kinds as well: calamine parses their records, though they aren't read.
    facts = [
        _walk_sheet(source, clean, position, styles, must_end=kind == _WORKSHEET)
        for position, kind in tabs
    ]
    worksheets = [index for index, (_, kind) in enumerate(tabs) if kind == _WORKSHEET]
    if version(stream) < BIFF_8:
        return read_biff5(
            source,
            bytes(clean),
            media_kind,
            worksheets,
            facts,
            with_runs=styles.has_marked_fonts,
        )
    if styles.has_marked_fonts:
        facts = facts_with_runs(bytes(clean), worksheets, facts)
    return read_workbook(source, _wrap(bytes(clean)), media_kind, facts)


def _broken(source: Source, what: str) -> UnreadableFile:
    return source.refusal(
        "damaged", f"{what}; copy or download it again, or open it in Excel and save it"
    )


def _tabs(source: Source, stream: bytes) -> list[tuple[int, int]]:
    """Offset and type of each tab's records."""
    tabs: list[tuple[int, int]] = []
    position = 0
    while True:
        if position + 4 > len(stream):
            raise _broken(source, "the workbook's records end without a list of sheets")
        record, length = struct.unpack_from("<HH", stream, position)
        if position == 0 and record != BOF:
            raise _broken(source, "the workbook stream doesn't start as BIFF 5 or 8 does")
        if record == EOF:
            return tabs
        if record == _BOUNDSHEET and length >= 6:
            offset, _, kind = struct.unpack_from("<IBB", stream, position + 4)
            tabs.append((offset, kind))
        elif record == _SST and length >= 8:
            count = struct.unpack_from("<I", stream, position + 8)[0]
            if count > len(stream) // _LEAST_STRING_BYTES:
                raise _broken(source, f"the table of texts claims {count:,} entries")
        position += 4 + length


def _walk_sheet(
    source: Source, stream: bytearray, position: int, styles: Styles, *, must_end: bool
) -> SheetFacts:
    """Bound the sheet that starts at `position`, and give its facts.

    Takes out of `stream` what would mislead the readers: the claimed extent, for which calamine reserves
    memory, cells without a value, which xlrd keeps, and charts inside the sheet, whose values calamine would
    take for cells and whose end for that of the sheet.
    """
    scan = Scan(styles)
    top = left = 2**32
    bottom = right = -1
    depth = 0
    after_formula = False
    unpack = struct.unpack_from
    while True:
        if position + 4 > len(stream):
            if not must_end:
                break
            raise source.refusal(
                "truncated",
                "a sheet's records don't end; the file was cut off: copy or download it again",
            )
        record, length = unpack("<HH", stream, position)
        start = position + 4
        if record == BOF:
            depth += 1
        if depth > 1 or record == _DIMENSIONS or record in _EMPTY_CELLS:
            struct.pack_into("<H", stream, position, _IGNORED)
        position = start + length
        if record == EOF:
            depth -= 1
            if depth <= 0:
                break
        elif depth > 1:
            continue
        elif record == _STRING and not after_formula:
            top = left = 0  # where calamine puts a text that follows no formula
            bottom, right = max(bottom, 0), max(right, 0)
        elif record in LAYOUT:
            scan.see_layout(record, stream[start:position])
        elif record in VALUE_CELLS and length >= 6 and position <= len(stream):
            row, column = unpack("<HH", stream, start)
            after_formula = after_formula or record == FORMULA
            last = unpack("<H", stream, position - 2)[0] if record == MULRK else column
            scan.see_cell(record, stream[start:position])
            top, bottom = min(top, row), max(bottom, row)
            left, right = min(left, column), max(right, last)
    if right >= _MAX_COLUMNS:
        raise _broken(source, f"a sheet has a cell in column {right + 1}, expected at most 256")
    if (bottom - top + 1) * (right - left + 1) > MAX_GRID_CELLS:
        raise source.refusal(
            "too-large",
            f"a sheet spans {bottom - top + 1:,} rows x {right - left + 1} columns, expected at "
            f"most {MAX_GRID_CELLS:,} cells; delete stray cells far from the table",
        )
    return scan.facts


def _wrap(stream: bytes) -> bytes:
    """A new compound file ([MS-CFB]) that holds the workbook stream and nothing else.

    calamine trusts the directory and chains of the file that it is given, and can be sent round in
    circles or made to reserve any amount of memory by a damaged one; this one is sound.
    """
    end, free, fat_mark = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD
    entries = _SECTOR // 4
    size = max(len(stream), _SECTOR)  # a shorter stream would belong into the mini stream
    used = -(-size // _SECTOR)
    fats = 1
    while fats * entries < used + 1 + fats:
        fats += 1
    chain = [*range(1, used), end, end, *[fat_mark] * fats]
    chain += [free] * (fats * entries - len(chain))

    def entry(name: str, kind: int, child: int, start: int, length: int) -> bytes:
        text = name.encode("utf-16-le") + b"\0\0"
        links = struct.pack("<III", free, free, child)
        return (
            text.ljust(64, b"\0")
            + struct.pack("<HBB", len(text) if name else 0, kind, 1)
            + links
            + bytes(36)
            + struct.pack("<IQ", start, length)
        )

    # The root's own stream is empty; it points to the directory because it must point somewhere.
    directory = entry("Root Entry", 5, 1, used, 0) + entry("Workbook", 2, free, 0, size)
    header = struct.pack(
        "<8s16xHHHHH6xIIIIIIIIII",
        *(_SIGNATURE, 0x3E, 4, 0xFFFE, 12, 6),
        *(1, fats, used, 0, 4096, end, 0, end, 0),
        used + 1,
    )
    header += struct.pack(f"<{fats - 1}I", *range(used + 2, used + 1 + fats))
    return b"".join(
        [
            header.ljust(512, b"\xff").ljust(_SECTOR, b"\0"),
            stream.ljust(used * _SECTOR, b"\0"),
            directory.ljust(_SECTOR, b"\0"),
            struct.pack(f"<{len(chain)}I", *chain),
        ]
    )
