"""What calamine doesn't show of an xlsx workbook: the facts of its sheets.

Here: error values and formulas without a stored result, number formats that show something else than is stored,
struck, raised and lowered text, hidden rows and columns. Not here: bounding the bytes (`xlsx`), what follows from
the facts (`facts`).
"""

import io
import posixpath
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree import ElementTree
from xml.sax.saxutils import unescape

from orchestration.landing.reading.facts import Place, SheetFacts
from orchestration.landing.reading.marks import LOWERED, RAISED, STRUCK, bracket, shifted
from orchestration.landing.reading.number_format import BUILT_IN, changes_figures

# What an error or a formula without a stored result leaves in a sheet; most sheets have neither.
_NEEDS_CARE = re.compile(
    rb"""\st=["']e["']|</(?:\w+:)?f>\s*</(?:\w+:)?c>|<(?:\w+:)?v\s*/>|"""
    rb"""<(?:\w+:)?v>\s*</|<(?:\w+:)?f\b[^>]*/>\s*</(?:\w+:)?c>"""
)
_CELL_WHOLE = re.compile(rb"<(?:\w+:)?c\b([^>]*)(?<!/)>(.*?)</(?:\w+:)?c>", re.DOTALL)
_TYPE = re.compile(rb"""\st=["'](\w+)["']""")
_VALUE = re.compile(rb"<(?:\w+:)?v\b[^>]*>([^<]*)<")
_RUN = re.compile(rb"<(?:\w+:)?r>.*?</(?:\w+:)?r>", re.DOTALL)
_RUN_TEXT = re.compile(rb"(<(?:\w+:)?t\b[^>]*>)([^<]*)(</)")
_FORMULA = re.compile(rb"<(?:\w+:)?f\b[^>]*?(?:/>|>([^<]*)<)")
_ROW_OR_CELL = re.compile(rb"<(?:\w+:)?(row|c)\b([^>]*)>")
_UNPLACED = re.compile(rb"<(?:\w+:)?c(?![^>]*\sr=)[\s>]")
_REFERENCE = re.compile(rb"""\sr=["']([A-Za-z]*)([0-9]+)["']""")
_STYLE = re.compile(rb"""\ss=["']([0-9]+)["']""")
_HIDDEN_ROW = re.compile(
    rb"""<(?:\w+:)?row\b(?=[^>]*\s(?:hidden=["'](?:1|true)|ht=["']0(?:\.0*)?)["'])([^>]*)>"""
)
_HIDDEN_COLUMN = re.compile(
    rb"""<(?:\w+:)?col\b(?=[^>]*\s(?:hidden=["'](?:1|true)|width=["']0(?:\.0*)?)["'])"""
    rb"""(?=[^>]*\smin=["']([0-9]+))[^>]*\smax=["']([0-9]+)"""
)
_HIDING = (b" hidden=", b' ht="0', b' width="0')
_STRIKE = re.compile(rb"""<(?:\w+:)?strike\b(?![^>]*val=["'](?:0|false)["'])""")
_SHIFT = re.compile(rb"""<(?:\w+:)?vertAlign\b[^>]*val=["'](super|sub)script["']""")
_MOST_COLUMNS = 16_384
_OFF = ("0", "false")


@dataclass(frozen=True)
class _Styles:
    """Cell styles, by number, that say more than how a cell looks."""

    formats: dict[int, str] = field(default_factory=dict)
    marks: dict[int, frozenset[str]] = field(default_factory=dict)

    @property
    def numbers(self) -> set[int]:
        return {*self.formats, *self.marks}


def sheet_facts(parts: dict[str, bytes], sheets: dict[str, bytes]) -> list[SheetFacts]:
    """The facts of each tab, in the order of the workbook; none where no sheet has any."""
    styles = _styles(parts.get("xl/styles.xml", b""))
    found = {name: _facts_of_sheet(xml, styles) for name, xml in sheets.items()}
    if all(facts == SheetFacts() for facts in found.values()):
        return []
    return [found.get(name, SheetFacts()) for name in _sheet_parts(parts)]


def with_brackets(content: bytes, parts: dict[str, bytes]) -> bytes:
    """The workbook with struck runs in brackets and raised figures as characters of their own.

    calamine joins the runs of a text: 84 and its note 2, a figure and the one struck out before it.
    """
    if not any(_has_runs(name, xml) for name, xml in parts.items()):
        return content

    def marked(run: re.Match[bytes]) -> bytes:
        shift, is_struck = _SHIFT.search(run[0]), _STRIKE.search(run[0])

        def marked_text(found: re.Match[bytes]) -> bytes:
            text = found[2].decode()
            if shift:
                text = shifted(text, RAISED if shift[1] == b"super" else LOWERED)
            return found[1] + (bracket(text, STRUCK) if is_struck else text).encode() + found[3]

        return _RUN_TEXT.sub(marked_text, run[0]) if shift or is_struck else run[0]

    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for name, xml in parts.items():
            archive.writestr(name, _RUN.sub(marked, xml) if _has_runs(name, xml) else xml)
    return written.getvalue()


def _has_runs(name: str, xml: bytes) -> bool:
    # One search first: most parts have no runs at all.
    return (
        ("worksheets/" in name or name.endswith("sharedStrings.xml"))
        and b"rPr>" in xml
        and any(mark in xml for mark in (b"superscript", b"subscript", b"strike"))
    )


def _styles(xml: bytes) -> _Styles:
    styles = _Styles()
    if not any(mark in xml for mark in (b"numFmt", b"strike", b"vertAlign")):
        return styles
    formats = dict(BUILT_IN)
    fonts: list[frozenset[str]] = []
    for element in ElementTree.fromstring(xml).iter():  # noqa: S314 - as in _sheet_parts
        tag = element.tag.rpartition("}")[2]
        if tag == "numFmt":
            formats[int(element.get("numFmtId", "-1"))] = element.get("formatCode", "")
        elif tag == "fonts":
            fonts = [_marks_of_font(font) for font in element]
        elif tag == "cellXfs":
            for number, style in enumerate(element):
                code = formats.get(int(style.get("numFmtId", "0")), "")
                font = int(style.get("fontId", "0"))
                if changes_figures(code):
                    styles.formats[number] = code
                if font < len(fonts) and fonts[font]:
                    styles.marks[number] = fonts[font]
    return styles


def _marks_of_font(font: ElementTree.Element) -> frozenset[str]:
    marks = set()
    for element in font:
        tag, value = element.tag.rpartition("}")[2], element.get("val", "1")
        if tag == "strike" and value not in _OFF:
            marks.add("struck")
        elif tag == "vertAlign" and value in ("superscript", "subscript"):
            marks.add("raised")
    return frozenset(marks)


def _facts_of_sheet(xml: bytes, styles: _Styles) -> SheetFacts:
    formats: dict[Place, str] = {}
    marks: dict[Place, frozenset[str]] = {}
    if styles.numbers:
        for place, style in _styled_cells(xml, styles.numbers):
            if style in styles.formats:
                formats[place] = styles.formats[style]
            if style in styles.marks:
                marks[place] = styles.marks[style]
    hidden = any(mark in xml for mark in _HIDING)
    return SheetFacts(
        errors=_errors_of_sheet(xml),
        formats=formats,
        marks=marks,
        hidden_rows=_hidden_rows(xml) if hidden else frozenset(),
        hidden_columns=_hidden_columns(xml) if hidden else frozenset(),
    )


def _hidden_rows(xml: bytes) -> frozenset[int]:
    references = (_REFERENCE.search(row[1]) for row in _HIDDEN_ROW.finditer(xml))
    return frozenset(int(reference[2]) - 1 for reference in references if reference)


def _hidden_columns(xml: bytes) -> frozenset[int]:
    return frozenset(
        column - 1
        for first, last in _HIDDEN_COLUMN.findall(xml)
        for column in range(int(first), min(int(last), _MOST_COLUMNS) + 1)
    )


def _styled_cells(xml: bytes, numbers: set[int]) -> Iterator[tuple[Place, int]]:
    """Places of the cells in one of some styles; style 0 is that of cells that name none."""
    if 0 in numbers or _UNPLACED.search(xml):
        yield from _walked_cells(xml, numbers)
        return
    chosen = "|".join(map(str, sorted(numbers))).encode()
    cell = re.compile(
        rb"""<(?:\w+:)?c\b(?=[^>]*\ss=["']("""
        + chosen
        + rb""")["'])[^>]*?\sr=["']([A-Za-z]+)([0-9]+)["']"""
    )
    for style, letters, row in cell.findall(xml):
        yield (int(row) - 1, column_number(letters) - 1), int(style)


def _walked_cells(xml: bytes, numbers: set[int]) -> Iterator[tuple[Place, int]]:
    """The same cell by cell: one without a reference follows the one before it, as in calamine."""
    row, column = -1, -1
    for kind, attributes in _ROW_OR_CELL.findall(xml):
        reference = _REFERENCE.search(attributes)
        if kind == b"row":
            row, column = int(reference[2]) - 1 if reference else row + 1, -1
            continue
        column = column_number(reference[1]) - 1 if reference else column + 1
        style = _STYLE.search(attributes)
        number = int(style[1]) if style else 0
        if number in numbers:
            yield (int(reference[2]) - 1 if reference else row, column), number


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


def column_number(letters: bytes) -> int:
    """The number of a column from its letters, from 1."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


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
        cells.append((int(reference[2]) - 1, column_number(reference[1]) - 1, text))
    return cells
