"""Tables and figures of a release's report, read from its page.

Belongs here: what a table and a figure are made of, whichever section they stand in. Does not belong here: how
another program writes them (`latex`, `word`, `sheets`, `markdown`, `figures`), what the report shows
(`analysis.report`).

The page is the one place where every table of every section and method stands with its caption and notes. What
is exported is what the report of that release shows, and a new method needs nothing here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING, Final

from orchestration.errors import CitypanelError

if TYPE_CHECKING:
    from lxml.html import HtmlElement

NUMBERED: Final = re.compile(r"^\s*\w+ (\d+)\.\s*")
"""How a caption begins: 'Table 5.'"""
LONGEST_KEY: Final = 100
STYLES: Final = {"sup": "sup", "b": "bold", "strong": "bold", "i": "italic", "em": "italic"}
SIGNS: Final = str.maketrans({"\u2212": "-", ",": None, "\u00a0": None})


class PageError(CitypanelError):
    """A report has no tables or figures that can be read."""


@dataclass(frozen=True)
class Run:
    """Text in one style: '' , 'sup', 'bold' or 'italic'."""

    text: str
    style: str = ""


Text = tuple[Run, ...]


@dataclass(frozen=True)
class Cell:
    """A cell.

    Attributes:
        runs: What stands in it.
        span: Columns that it takes.
        is_number: Whether it is aligned as a number.
        value: The number in full precision, where the page has it.
    """

    runs: Text = ()
    span: int = 1
    is_number: bool = False
    value: float | None = None

    @property
    def text(self) -> str:
        """Its characters, whichever style."""
        return plain(self.runs)


Row = tuple[Cell, ...]


@dataclass(frozen=True)
class PrintedTable:
    """A table of the report.

    Attributes:
        key: Name that stays from release to release: study, method and design, else the caption.
        number: In the report; A1, A2 for those that stand folded and have none.
        caption: Without number.
        head: Rows of the header.
        groups: Rows below it, a line between two groups.
        notes: Paragraphs under the table.
        is_regression: Whether columns are models.
    """

    key: str
    number: str
    caption: Text
    head: tuple[Row, ...]
    groups: tuple[tuple[Row, ...], ...]
    notes: tuple[Text, ...]
    is_regression: bool

    @property
    def rows(self) -> tuple[Row, ...]:
        """All rows below the header."""
        return tuple(row for group in self.groups for row in group)

    @property
    def width(self) -> int:
        """Columns."""
        return max(sum(cell.span for cell in row) for row in (*self.head, *self.rows))


@dataclass(frozen=True)
class PrintedFigure:
    """A figure of the report: `svg` needs nothing else; width and height are in points."""

    key: str
    number: str
    caption: Text
    svg: str
    width: float
    height: float


@dataclass(frozen=True)
class Page:
    """All tables and figures of a report, in its order."""

    tables: tuple[PrintedTable, ...]
    figures: tuple[PrintedFigure, ...]
    vintage: str
    data_kind: str


def plain(runs: Text) -> str:
    """The characters of a text."""
    return "".join(run.text for run in runs)


def read_page(path: Path) -> Page:
    """Read a report; raises PageError where it can't be read as one."""
    from lxml import html

    try:
        source = path.read_text(encoding="utf-8")
    except OSError as error:
        raise PageError(
            f"{path}: no report can be read there ({error.strerror}); run `citypanel report` to make one"
        ) from error
    document = html.document_fromstring(source)
    facts = {meta.get("name"): meta.get("content", "") for meta in document.iter("meta")}
    tables = tuple(_tables(document))
    if not tables or "vintage" not in facts:
        raise PageError(f"{path}: no table of a citypanel report is in it")
    figures = tuple(_figures(document, source))
    return Page(tables, figures, facts["vintage"], facts.get("data-kind", ""))


def _tables(document: HtmlElement) -> Iterator[PrintedTable]:
    folded = count(1)
    taken: set[str] = set()
    for table in document.iter("table"):
        caption, notes = _about(table)
        number, caption = _number(caption)
        rows = [(part.tag, list(_grid(part))) for part in table.iterchildren("thead", "tbody")]
        head = tuple(row for tag, group in rows if tag == "thead" for row in group)
        groups = tuple(tuple(group) for tag, group in rows if tag == "tbody" and group)
        names = [table.get(f"data-{name}") for name in ("study", "method", "table")]
        width = max((sum(c.span for c in row) for row in (*head, *chain(*groups))), default=0)
        head = tuple(_filled(row, width) for row in head)
        groups = tuple(tuple(_filled(row, width) for row in group) for group in groups)
        is_regression = table.get("class") == "regression"
        key = "-".join(names) if all(names) else plain(caption)
        yield PrintedTable(
            _unique(key, taken),
            number or f"A{next(folded)}",
            caption,
            head,
            groups,
            notes,
            is_regression,
        )


def _filled(row: Row, width: int) -> Row:
    """A row with blanks at its end, where it is shorter than the table."""
    return row + (Cell(),) * (width - sum(cell.span for cell in row))


def _about(table: HtmlElement) -> tuple[Text, tuple[Text, ...]]:
    """Caption and notes of a table, from the figure or the fold that it stands in."""
    for outer in table.iterancestors("figure", "details"):
        title = outer.find("figcaption" if outer.tag == "figure" else "summary")
        caption = _runs(title) if title is not None else ()
        if outer.tag == "details" and (figure := _figure_before(outer)) is not None:
            caption = (*caption, Run(f": {plain(_number(_runs(figure.find('figcaption')))[1])}"))
        notes = tuple(
            _runs(paragraph)
            for block in outer.iterchildren("div")
            if block.get("class") == "notes"
            for paragraph in block.iterchildren("p")
        )
        return caption, notes
    return (), ()


def _figure_before(fold: HtmlElement) -> HtmlElement | None:
    """The figure whose numbers are folded below it."""
    before = fold.getprevious()
    is_drawing = before is not None and before.get("class") == "drawing"
    return before if is_drawing else None


def _grid(part: HtmlElement) -> Iterator[Row]:
    """Rows of a part of a table; a cell over several rows stands in the first, blanks below it."""
    below: dict[int, tuple[int, int]] = {}
    for line in part.iterchildren("tr"):
        cells: list[Cell] = []
        at = 0
        for element in line.iterchildren("th", "td"):
            while at in below:
                at = _blank(cells, below, at)
            cell = _cell(element)
            cells.append(cell)
            deep = int(element.get("rowspan", "1"))
            if deep > 1:
                below[at] = (cell.span, deep)
                _count_down(below, at)
            at += cell.span
        while at in below:
            at = _blank(cells, below, at)
        yield tuple(cells)


def _blank(cells: list[Cell], below: dict[int, tuple[int, int]], at: int) -> int:
    span, _ = below[at]
    cells.append(Cell(span=span))
    _count_down(below, at)
    return at + span


def _count_down(below: dict[int, tuple[int, int]], at: int) -> None:
    span, left = below.pop(at)
    if left > 1:
        below[at] = (span, left - 1)


def _cell(element: HtmlElement) -> Cell:
    value = element.get("data-value")
    classes = (element.get("class") or "").split()
    is_model = element.tag == "td" and element.get("data-column") is not None
    runs = _runs(element)
    try:
        exact = float(value) if value else None
    except ValueError:
        exact = None
    if exact is None and "r" in classes and element.tag == "td":
        exact = _printed(plain(runs))
    return Cell(runs, int(element.get("colspan", "1")), "r" in classes or is_model, exact)


def _printed(text: str) -> float | None:
    """A text that is a number and nothing else, as one."""
    if not re.fullmatch(r"[\u2212-]?\d{1,3}(,\d{3})*(\.\d+)?|[\u2212-]?\d+(\.\d+)?", text):
        return None
    return float(text.translate(SIGNS))


def _runs(element: HtmlElement) -> Text:
    """The text of an element by style, white space as a browser shows it."""
    runs: list[Run] = []

    def walk(node: HtmlElement, style: str) -> None:
        own = STYLES.get(node.tag, style)
        if node.text:
            runs.append(Run(node.text, own))
        for child in node:
            if child.tag == "br":
                runs.append(Run(" "))
            elif child.get("class") not in ("tag", "bar"):
                walk(child, own)
            if child.tail:
                runs.append(Run(child.tail, own))

    walk(element, "")
    return tidy(runs)


def tidy(runs: Sequence[Run]) -> Text:
    """Runs of one style joined, white space as one blank, none at the ends; a no-break space stays."""
    joined: list[Run] = []
    for run in runs:
        text = re.sub(r"[ \t\r\n]+", " ", run.text)
        if (not joined or joined[-1].text.endswith(" ")) and text.startswith(" "):
            text = text[1:]
        if text and joined and joined[-1].style == run.style:
            joined[-1] = replace(joined[-1], text=joined[-1].text + text)
        elif text:
            joined.append(Run(text, run.style))
    if joined:
        joined[-1] = replace(joined[-1], text=joined[-1].text.rstrip(" "))
    return tuple(run for run in joined if run.text)


def _number(caption: Text) -> tuple[str, Text]:
    """Number and rest of a caption; '' for one without."""
    if not caption or not (found := NUMBERED.match(caption[0].text + " ")):
        return "", caption
    rest = Run(caption[0].text[found.end() :], "")
    return found[1], tidy([rest, *caption[1:]])


def _unique(name: str, taken: set[str]) -> str:
    """A name for a file: letters, digits, - and _; told apart by a number where two are the same."""
    key = re.sub(r"[^A-Za-z0-9_-]+", "_", name).strip("_-")[:LONGEST_KEY].strip("_-") or "table"
    names = chain([key], (f"{key}-{n}" for n in count(2)))
    found = next(one for one in names if one not in taken)
    taken.add(found)
    return found


def _figures(document: HtmlElement, source: str) -> Iterator[PrintedFigure]:
    outlines = dict(re.findall(r'(?s)<path id="(g[0-9a-f]+)"([^>]*/>)', source))
    drawn = re.findall(r'(?s)<svg class="figure".*?</svg>', source)
    captions = [
        element.find("figcaption")
        for element in document.iter("figure")
        if element.get("class") == "drawing"
    ]
    if len(drawn) != len(captions):
        raise PageError(f"the report has {len(drawn)} drawings and {len(captions)} captions")
    taken: set[str] = set()
    for svg, title in zip(drawn, captions, strict=True):
        number, caption = _number(_runs(title))
        label = re.search(r'<title id="([^"]+)-label">', svg)
        box = re.search(r'viewBox="([0-9.]+) ([0-9.]+) ([0-9.]+) ([0-9.]+)"', svg)
        if box is None:
            raise PageError(f"figure {number}: its drawing has no viewBox")
        key = re.sub(r"_([0-9a-f]{2})", lambda m: chr(int(m[1], 16)), label[1] if label else "")
        yield PrintedFigure(
            _unique(key.removeprefix("fig-") or f"figure-{number}", taken),
            number,
            caption,
            _alone(svg, outlines, box[0]),
            float(box[3]),
            float(box[4]),
        )


def _alone(svg: str, outlines: dict[str, str], box: str) -> str:
    """A drawing that needs no page: with the outlines of its characters, its size, and a white ground."""
    needed = sorted(set(re.findall(r'href="#(g[0-9a-f]+)"', svg)))
    shapes = "".join(f'<path id="{name}"{outlines[name]}' for name in needed)
    _, _, width, height = re.findall(r"[0-9.]+", box)
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
        f' width="{width}pt" height="{height}pt" {box}>'
        "<style>*{stroke-linejoin:round;stroke-linecap:butt}</style>"
        f'<defs>{shapes}</defs><rect width="100%" height="100%" fill="#ffffff"/>'
        + re.sub(r"^<svg[^>]*>", "", svg).replace(' href="#', ' xlink:href="#')
        + "\n"
    )
