"""Web pages saved as .xls: HTML tables laid out on one sheet, as Excel lays them out.

Here: the order of text and tables, row and column spans, white space as a browser prints it. Not
here: the encoding (`text`), what is hidden or struck through (`html_style`).

The page is one sheet. Each piece of text outside tables takes a row of its own, and each table goes
on where the one before ended, so title, unit line and table stand as in a workbook. A table that
holds other tables only arranges the page: it is taken apart, not laid out.
"""

import re
from dataclasses import replace
from typing import Any

from lxml import etree

from orchestration.landing.reading.cells import CellList, Reading
from orchestration.landing.reading.facts import Place, SheetFacts, with_facts
from orchestration.landing.reading.html_style import Look, StyleSheet
from orchestration.landing.reading.source import Source

MAX_COLUMNS = 16_384
MAX_CELLS = 5_000_000
SHEET_NAME = "html"
"""The name is fixed so that equal bytes give equal cells."""

_SPACES = re.compile("[ \t\r\n\f]+")
_COMMENT_OR_CODE = re.compile(r"<!--.*?-->|<(script|style)\b.*?</\1\s*>", re.DOTALL | re.IGNORECASE)
_NOT_SHOWN = {"script", "style", "head", "title", "template", "noscript", "select", "textarea"}
_INLINE_WORDS = """
a abbr acronym b bdi bdo big cite code data del em font i ins kbd label mark nobr output q ruby rb rp rt s
samp small span strike strong sub sup time tt u var wbr o:p
"""
_INLINE = frozenset(_INLINE_WORDS.split())


def looks_like_html(text: str) -> bool:
    """Whether a text, or its beginning, is a web page rather than a table in plain text."""
    text = _COMMENT_OR_CODE.sub("", text).lstrip("\ufeff \t\r\n\u00a0")
    return text[:1] == "<" and bool(
        re.search(
            r"<(?:!doctype\s+html|html|head|meta|body|table|tr|div|style|center)\b", text, re.I
        )
    )


def read(source: Source, batch_rows: int, encoding: str) -> Reading:
    """The cells of a web page; `batch_rows` has no effect, the page is one batch."""
    text = source.data.decode(encoding)
    bare = _COMMENT_OR_CODE.sub("", text).lower()
    opened, closed = len(re.findall(r"<table\b", bare)), len(re.findall(r"</table\b", bare))
    if not opened:
        raise source.refusal(
            "no-cells", "a web page without a table; expected one: save the page that shows it"
        )
    if closed < opened:
        raise source.refusal(
            "truncated",
            f"{opened} tables begin and {closed} end; the page was cut off: save it again",
        )
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    root = etree.fromstring(text.encode(), parser)
    for problem in parser.error_log:
        # Sloppy markup is mended; what stops the parser would lose the rest of the page.
        if "xcessive depth" in problem.message or "huge" in problem.message.lower():
            raise source.refusal(
                "damaged", f"line {problem.line}: {problem.message}; save the page again"
            )
    if root is None:
        raise source.refusal("damaged", "no element could be read; save the page again")
    styles = StyleSheet()
    for element in root.iter("style"):
        styles.add(element.text or "")
    page = _Page(source, styles)
    page.lay_out(root)
    batch = with_facts(page.cells.batch(0, SHEET_NAME), SheetFacts(marks=page.marks))
    return Reading("html", encoding, 1, iter([batch]), page.cells.merged_areas())


class _Page:
    """The sheet under construction: cells so far, and the next free row."""

    def __init__(self, source: Source, styles: StyleSheet) -> None:
        self.source = source
        self.styles = styles
        self.cells = CellList()
        self.marks: dict[Place, frozenset[str]] = {}
        self.next_row = 1
        self.line: list[str] = []

    def lay_out(self, element: Any) -> None:
        """Add everything below `element`, in the order of the document."""
        self.walk(element, self.look_of(element, Look()))
        self.end_line()

    def look_of(self, element: Any, around: Look) -> Look:
        """How the text of an element is shown that stands in one shown like `around`."""
        return around.inside(self.styles.said_of(element))

    def look_within(self, row: Any, table: Any, look: Look) -> Look:
        """How a row is shown by its own style and those of what it stands in, up to its table."""
        chain = [row]
        while chain[-1].getparent() is not table:
            chain.append(chain[-1].getparent())
        for element in reversed(chain):
            look = self.look_of(element, look)
        return look

    def end_line(self) -> None:
        text = _printed(self.line)
        self.line = []
        if text and not text.isspace():
            self.cells.add(self.next_row, 1, text)
            self.next_row += 1

    def walk(self, element: Any, look: Look) -> None:
        for child in element:
            tag = child.tag
            if tag == "table" and child.find(".//table") is None:
                self.end_line()
                self.table(child, self.look_of(child, look))
            elif tag not in _NOT_SHOWN:
                block = tag not in _INLINE
                if block:
                    self.end_line()
                inner = self.look_of(child, look)
                self.line.append(inner.bracketed(child.text or ""))
                self.walk(child, inner)
                if block:
                    self.end_line()
            self.line.append(look.bracketed(child.tail or ""))

    def table(self, table: Any, look: Look) -> None:
        """Add one table without tables in it, by HTML's algorithm for rows and spans."""
        for caption in table.iter("caption"):
            self.line.append(self.text_of(caption, self.look_of(caption, look)))
            self.end_line()
        rows = list(table.iter("tr"))
        hidden_columns = self.hidden_columns(table)
        # Per column, how many more rows a cell from above reaches down.
        below: list[int] = []
        for number, row in enumerate(rows):
            column = 0
            row_look = self.look_within(row, table, look)
            occupied, below = below, [max(left - 1, 0) for left in below]
            for cell, text in self.cells_of(row, replace(row_look, is_gone=look.is_gone)):
                while column < len(occupied) and occupied[column] > 0:
                    column += 1
                width = min(_span(cell, "colspan"), 1000) or 1
                height = _span(cell, "rowspan")
                height = min(height, len(rows) - number) or len(rows) - number
                if column + width > MAX_COLUMNS or len(self.cells.rows) >= MAX_CELLS:
                    raise self.source.refusal(
                        "too-large",
                        f"a table is wider than {MAX_COLUMNS:,} columns or the page has more than "
                        f"{MAX_CELLS:,} cells; save the table as CSV",
                    )
                below += [0] * (column + width - len(below))
                for taken in range(column, column + width):
                    below[taken] = max(below[taken], height - 1)
                self.cells.add(self.next_row + number, column + 1, text, height, width)
                marks = {"hidden_row"} if row_look.is_gone else set()
                if column in hidden_columns:
                    marks.add("hidden_column")
                if marks:
                    self.marks[self.next_row + number - 1, column] = frozenset(marks)
                column += width
            reached = [place + 1 for place, left in enumerate(occupied) if left > 0]
            self.cells.end_row(self.next_row + number, max([column, *reached]))
        self.next_row += len(rows)

    def cells_of(self, row: Any, look: Look) -> list[tuple[Any, str]]:
        """The cells of a row that take a place, with their text; what takes none is hidden in a neighbour."""
        placed: list[tuple[Any, str]] = []
        unplaced = ""
        gone = None
        for cell in row.iter("td", "th"):
            said = self.styles.said_of(cell)
            text = self.text_of(cell, look.inside(said))
            if said.get("display") == "none":
                gone = cell if gone is None else gone
                unplaced += text
            else:
                placed.append((cell, unplaced + text))
                unplaced = ""
        if unplaced and placed:
            placed[-1] = (placed[-1][0], placed[-1][1] + unplaced)
        elif unplaced:
            placed.append((gone, unplaced))
        return placed

    def hidden_columns(self, table: Any) -> set[int]:
        """Columns, from 0, that <col> hides, as Excel writes it."""
        hidden: set[int] = set()
        column = 0
        for element in table.iter("col"):
            width = min(_span(element, "span"), 1000) or 1
            said = self.styles.said_of(element)
            if Look().inside(said).is_hidden:
                hidden.update(range(column, column + width))
            column += width
        return hidden

    def text_of(self, element: Any, look: Look) -> str:
        """What an element prints, in the signs of how it is shown."""
        pieces = [look.bracketed(element.text or "")]
        for child in element:
            if child.tag not in _NOT_SHOWN:
                block = child.tag not in _INLINE and child.tag != "br"
                if child.tag == "br" or (block and _printed(pieces)):
                    pieces.append("\v")
                pieces.append(self.text_of(child, self.look_of(child, look)))
                if block and (child.tail or "").strip():
                    pieces.append("\v")
            pieces.append(look.bracketed(child.tail or ""))
        return _printed(pieces) if element.tag in ("td", "th", "caption") else "".join(pieces)


def _span(cell: Any, name: str) -> int:
    digits = re.match(r"\s*([0-9]{1,9})", cell.get(name) or "")
    return int(digits[1]) if digits else 1


def _printed(pieces: list[str]) -> str:
    """Text as a browser prints it: ASCII white space collapsed, NBSP kept, a line per break."""
    lines = _SPACES.sub(" ", "".join(pieces)).split("\v")
    return "\n".join(line.strip(" ") for line in lines).strip("\n")
