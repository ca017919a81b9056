"""Tables as a Word document: three lines, caption above, notes below.

Belongs here: the document's XML for tables. Does not belong here: what a table holds (`page`).
"""

from __future__ import annotations

import io
import zipfile
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import escape

from orchestration.exporting.paper.page import Cell, PrintedTable, Row, Run, Text

if TYPE_CHECKING:
    from docx.document import Document

STAMP: Final = datetime(2000, 1, 1)
ZIPPED: Final = (2000, 1, 1, 0, 0, 0)
THICK, THIN = 12, 6
"""Lines in eighths of a point: 1.5 above and below, 0.75 under the header, as Chinese journals draw them."""
ACROSS: Final = 8
"""Columns beyond which a table is set smaller."""
LATIN, HAN = "Times New Roman", "SimSun"
NAMESPACE: Final = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def write_document(tables: list[PrintedTable], target: Path, title: str, mark: str) -> None:
    """Write a document with all of them; the same tables give the same bytes."""
    from docx import Document as new_document
    from docx.enum.section import WD_ORIENT
    from docx.oxml import parse_xml

    document = new_document()
    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = section.page_height, section.page_width
    facts = document.core_properties
    facts.title, facts.author, facts.comments = title, "citypanel", mark
    facts.created = facts.modified = STAMP
    _fonts(document)
    document.add_paragraph(title)
    for table in tables:
        end = (Run(" "), Run(mark, "bold")) if mark else ()
        above = (Run(f"Table {table.number}. ", "bold"), *table.caption, *end)
        for part in (
            _paragraph(above, keep=True, size=10),
            _table(table),
            *(_paragraph(note, size=9) for note in table.notes),
            _paragraph((), size=9),
        ):
            document.element.body.insert(-1, parse_xml(part))
    held = io.BytesIO()
    document.save(held)
    _write_again(held, target)


def _fonts(document: Document) -> None:
    from docx.oxml.ns import qn
    from docx.shared import Pt

    normal = document.styles["Normal"]
    normal.font.name = LATIN
    normal.font.size = Pt(10)
    normal.element.rPr.rFonts.set(qn("w:eastAsia"), HAN)


def _table(table: PrintedTable) -> str:
    size = 8 if table.width > ACROSS else 9
    last_head, last = len(table.head) - 1, len(table.rows) - 1
    rows = [
        _row(
            row,
            size,
            top=THICK if at == 0 else 0,
            bottom=THIN if at == last_head else 0,
            is_head=True,
            is_regression=table.is_regression,
        )
        for at, row in enumerate(table.head)
    ]
    rows += [
        _row(
            row,
            size,
            bottom=THICK if at == last else 0,
            is_regression=table.is_regression,
        )
        for at, row in enumerate(table.rows)
    ]
    grid = "<w:gridCol/>" * table.width
    return (
        f'<w:tbl {NAMESPACE}><w:tblPr><w:tblW w:w="5000" w:type="pct"/><w:jc w:val="center"/>'
        '<w:tblLayout w:type="autofit"/><w:tblCellMar><w:left w:w="60" w:type="dxa"/>'
        '<w:right w:w="60" w:type="dxa"/></w:tblCellMar></w:tblPr>'
        f"<w:tblGrid>{grid}</w:tblGrid>{''.join(rows)}</w:tbl>"
    )


def _row(
    row: Row,
    size: int,
    *,
    top: int = 0,
    bottom: int = 0,
    is_head: bool = False,
    is_regression: bool = False,
) -> str:
    lines = "".join(
        f'<w:{side} w:val="single" w:sz="{width}" w:space="0" w:color="000000"/>'
        for side, width in (("top", top), ("bottom", bottom))
        if width
    )
    borders = f"<w:tcBorders>{lines}</w:tcBorders>" if lines else ""
    cells = []
    for at, cell in enumerate(row):
        place = "center" if is_regression and at > 0 else "right" if cell.is_number else "left"
        if is_head and cell.span > 1:
            place = "center"
        cells.append(_cell(cell, place, size, borders))
    head = "<w:tblHeader/>" if is_head else ""
    return f"<w:tr><w:trPr><w:cantSplit/>{head}</w:trPr>{''.join(cells)}</w:tr>"


def _cell(cell: Cell, place: str, size: int, borders: str) -> str:
    span = f'<w:gridSpan w:val="{cell.span}"/>' if cell.span > 1 else ""
    inner = "".join(_run(run, size) for run in cell.runs)
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="0" w:type="auto"/>{span}{borders}</w:tcPr>'
        '<w:p><w:pPr><w:spacing w:before="0" w:after="0"/>'
        f'<w:jc w:val="{place}"/></w:pPr>{inner}</w:p></w:tc>'
    )


def _paragraph(text: Text, *, size: int, keep: bool = False) -> str:
    kept = "<w:keepNext/>" if keep else ""
    runs = "".join(_run(run, size) for run in text)
    return (
        f'<w:p {NAMESPACE}><w:pPr>{kept}<w:spacing w:before="40" w:after="40"/></w:pPr>{runs}</w:p>'
    )


def _run(run: Run, size: int) -> str:
    style = {
        "bold": "<w:b/>",
        "italic": "<w:i/>",
        "sup": "",
    }.get(run.style, "")
    raised = '<w:vertAlign w:val="superscript"/>' if run.style == "sup" else ""
    text = "".join(c for c in run.text if c.isprintable() or c == "\u00a0")
    return (
        f'<w:r><w:rPr>{style}<w:sz w:val="{2 * size}"/>{raised}</w:rPr>'
        f'<w:t xml:space="preserve">{escape(text)}</w:t></w:r>'
    )


def _write_again(held: io.BytesIO, target: Path) -> None:
    """The same parts with a fixed time of writing."""
    with zipfile.ZipFile(held) as made, zipfile.ZipFile(target, "w") as written:
        for name in made.namelist():
            part = zipfile.ZipInfo(name, ZIPPED)
            part.compress_type = zipfile.ZIP_DEFLATED
            written.writestr(part, made.read(name))
