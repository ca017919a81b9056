"""Web pages saved as .xls: HTML tables laid out on one sheet, as Excel lays them out.

Here: the order of text and tables, row and column spans, white space as a browser prints it. Not
here: the encoding (`text`).

The page is one sheet. Each piece of text outside tables takes a row of its own, and each table goes
on where the one before ended, so title, unit line and table stand as in a workbook. A table that
holds other tables only arranges the page: it is taken apart, not laid out.
"""

import re
from typing import Any

from lxml import etree

from orchestration.landing.reading.cells import SUPERSCRIPT, CellList, Reading
from orchestration.landing.reading.source import Source

MAX_COLUMNS = 16_384
MAX_CELLS = 5_000_000
SHEET_NAME = "html"
"""The name is fixed so that equal bytes give equal cells."""

_SPACES = re.compile("[ \t\r\n\f]+")
_COMMENT_OR_CODE = re.compile(r"<!--.*?-->|<(script|style)\b.*?</\1\s*>", re.DOTALL | re.IGNORECASE)
_HIDDEN = {"script", "style", "head", "title", "template", "noscript", "select", "textarea"}
_INLINE_WORDS = """
a abbr acronym b bdi bdo big cite code em font i kbd label mark nobr q ruby rb rp rt s samp small
span strike strong sub sup tt u var wbr o:p
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
    page = _Page(source)
    page.lay_out(root)
    batch = page.cells.batch(0, SHEET_NAME)
    return Reading("html", encoding, 1, iter([batch]), page.cells.merged_areas())


class _Page:
    """The sheet under construction: cells so far, and the next free row."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.cells = CellList()
        self.next_row = 1
        self.line: list[str] = []

    def lay_out(self, element: Any) -> None:
        """Add everything below `element`, in the order of the document."""
        self.walk(element)
        self.end_line()

    def end_line(self) -> None:
        text = _printed(self.line)
        self.line = []
        if text and not text.isspace():
            self.cells.add(self.next_row, 1, text)
            self.next_row += 1

    def walk(self, element: Any) -> None:
        for child in element:
            tag = child.tag
            if tag == "table" and child.find(".//table") is None:
                self.end_line()
                self.table(child)
            elif tag not in _HIDDEN:
                block = tag not in _INLINE
                if block:
                    self.end_line()
                self.line.append(child.text or "")
                self.walk(child)
                if block:
                    self.end_line()
            self.line.append(child.tail or "")

    def table(self, table: Any) -> None:
        """Add one table without tables in it, by HTML's algorithm for rows and spans."""
        for caption in table.iter("caption"):
            self.line.append(_text_of(caption))
            self.end_line()
        rows = list(table.iter("tr"))
        # Per column, how many more rows a cell from above reaches down.
        below: list[int] = []
        for number, row in enumerate(rows):
            column = 0
            occupied, below = below, [max(left - 1, 0) for left in below]
            for cell in row.iter("td", "th"):
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
                self.cells.add(self.next_row + number, column + 1, _text_of(cell), height, width)
                column += width
            self.cells.end_row(self.next_row + number, column)
        self.next_row += len(rows)


def _span(cell: Any, name: str) -> int:
    digits = re.match(r"\s*([0-9]{1,9})", cell.get(name) or "")
    return int(digits[1]) if digits else 1


def _text_of(element: Any) -> str:
    pieces = [element.text or ""]
    for child in element:
        if child.tag not in _HIDDEN:
            block = child.tag not in _INLINE and child.tag != "br"
            if child.tag == "br" or (block and _printed(pieces)):
                pieces.append("\v")
            text = _text_of(child)
            pieces.append(text.translate(SUPERSCRIPT) if child.tag == "sup" else text)
            if block and (child.tail or "").strip():
                pieces.append("\v")
        pieces.append(child.tail or "")
    return _printed(pieces) if element.tag in ("td", "th", "caption") else "".join(pieces)


def _printed(pieces: list[str]) -> str:
    """Text as a browser prints it: ASCII white space collapsed, NBSP kept, a line per break."""
    lines = _SPACES.sub(" ", "".join(pieces)).split("\v")
    return "\n".join(line.strip(" ") for line in lines).strip("\n")
