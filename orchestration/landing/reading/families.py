"""Which family a file belongs to, by its content alone; the ending of its name never counts.

Here: recognition, and refusal of what is recognised as something else. Not here: reading. Each
family is imported when a file of it turns up.
"""

import zipfile

from orchestration.landing.reading.cells import Reading
from orchestration.landing.reading.errors import UnreadableFile
from orchestration.landing.reading.source import Source

EXPECTED = (
    "expected an Excel workbook (.xlsx, .xls), a web page or CSV saved as .xls, CSV, Stata or "
    "Parquet"
)
_PICTURES = {
    b"\x89PNG": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"GIF8": "GIF",
    b"II*\0": "TIFF",
    b"MM\0*": "TIFF",
}
_ARCHIVES = {
    b"Rar!": "RAR",
    b"7z\xbc\xaf": "7z",
    b"\x1f\x8b": "gzip",
    b"BZh": "bzip2",
    b"\xfd7zXZ": "xz",
}
_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def read_source(source: Source, batch_rows: int) -> Reading:
    """Hand the file to its family; refuses what belongs to none."""
    head = source.head
    if not source.byte_size or not head.strip(b"\0"):
        raise source.refusal("empty", f"it is empty; {EXPECTED}: copy or download it again")
    _refuse_others(source, head)
    if head.startswith(b"PK"):
        return _read_zip(source, batch_rows)
    if head.startswith(_COMPOUND):
        from orchestration.landing.reading import xls

        return xls.read(source, batch_rows)
    if head.startswith(b"PAR1"):
        from orchestration.landing.reading import parquet

        return parquet.read(source, batch_rows)
    if _is_stata(head):
        from orchestration.landing.reading import stata

        return stata.read(source, batch_rows)
    return _read_text(source, batch_rows)


def _is_stata(head: bytes) -> bool:
    if head.startswith(b"<stata_dta>"):
        return True
    return len(head) > 109 and 104 < head[0] < 116 and head[1] in (1, 2) and head[2:4] == b"\1\0"


def _refuse_others(source: Source, head: bytes) -> None:
    for mark, name in _PICTURES.items():
        if head.startswith(mark):
            raise source.refusal(
                "picture", f"the content is a {name} picture; {EXPECTED}: type the table off first"
            )
    if (head[:2] == b"BM" and head[6:10] == b"\0\0\0\0") or head[:4] + head[8:12] == b"RIFFWEBP":
        raise source.refusal(
            "picture", f"the content is a picture; {EXPECTED}: type the table off first"
        )
    for mark, name in _ARCHIVES.items():
        if head.startswith(mark):
            raise source.refusal(
                "archive", f"the content is a {name} archive; unpack it and put its files here"
            )
    if head.startswith((b"%PDF", b"{\\rtf")):
        raise source.refusal(
            "document", f"the content is a PDF or RTF document; {EXPECTED}: extract the table first"
        )
    if head.startswith((b"ARROW1", b"FEA1", b"SQLite format 3")):
        raise source.refusal(
            "unknown-format", f"the content is Arrow, Feather or SQLite; {EXPECTED}"
        )


def _read_zip(source: Source, batch_rows: int) -> Reading:
    import io

    from orchestration.landing.reading import xlsx

    try:
        with zipfile.ZipFile(io.BytesIO(source.data)) as archive:
            names = {name.lower() for name in archive.namelist()}
    except UnreadableFile:
        raise
    except Exception:
        return xlsx.read(source, batch_rows)  # it says what is broken
    if "xl/workbook.xml" in names:
        return xlsx.read(source, batch_rows)
    if "xl/workbook.bin" in names or "content.xml" in names:
        raise source.refusal(
            "unknown-format",
            "the content is a binary (.xlsb) or OpenDocument workbook; expected .xlsx: save it as "
            "that",
        )
    if any(name.startswith(("word/", "ppt/")) for name in names):
        raise source.refusal(
            "document", f"the content is a Word or PowerPoint document; {EXPECTED}"
        )
    raise source.refusal(
        "archive",
        "a zip archive without a workbook's parts; unpack it and put its files here, or save the "
        "workbook again",
    )


def _read_text(source: Source, batch_rows: int) -> Reading:
    from orchestration.landing.reading import delimited, text

    head = source.head
    bare = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    xml_workbook = (
        bare.startswith(b"<?xml") and b'"urn:schemas-microsoft-com:office:spreadsheet"' in head
    )
    if xml_workbook or bare[:13].lower() == b"mime-version:":
        raise source.refusal(
            "unknown-format",
            "an XML spreadsheet or single-file web page; expected .xlsx: open it in Excel and save "
            "it as that",
        )
    encoding = text.detect_encoding(source)
    if bare.startswith(b"<") or encoding == "utf-16":
        from orchestration.landing.reading import html

        if html.looks_like_html(head.decode(encoding, "ignore")):
            return html.read(source, batch_rows, encoding)
        if bare.startswith(b"<"):
            raise source.refusal("unknown-format", f"markup that is no web page; {EXPECTED}")
    return delimited.read(source, batch_rows, encoding)
