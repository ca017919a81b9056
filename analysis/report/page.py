"""The page: sections in their order, built, numbered, shown and written to a file.

Belongs here: the order of work, the table of contents, what all templates are given, the writing of
the file. Does not belong here: what a section shows (`sections`, and the rooms of the methods),
markup (`templates`, `markup`).
"""

import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from gettext import NullTranslations
from itertools import count as counter
from pathlib import Path
from typing import Any, Final

from markupsafe import Markup

from analysis.report.data import ReportData
from analysis.report.markup import TEMPLATES, city, environment
from analysis.report.section import Context, Frame, Piece, Section, needed
from analysis.report.table.model import ESTIMATED, anchor, stars_note
from analysis.typeset import drawing, fonts
from analysis.typeset.texts import _, speaking
from analysis.typeset.words import spaced

FONT_MARK: Final = '<style class="font"></style>'
"""Where the font goes once the rest of the page says which characters it needs."""
SHOWN_ROWS: Final = 25
"""Rows of a long list that stand open in the page; the rest is counted and named."""
LISTED_ROWS: Final = 1500
"""Rows of a long list that stand in the page at all, folded; keeps the page small."""
LATIN_NAMES: Final = Frame(
    "latin_names",
    ("name", "latin"),
    rows="Latin spelling of names: beside the name of a city, and in its place where the font lacks a "
    "character",
)


@dataclass(frozen=True)
class Part:
    """An entry of the table of contents."""

    id: str
    title: str
    number: str


def render_report(
    data: ReportData,
    sections: Sequence[Section],
    target: Path,
    translations: NullTranslations | None = None,
) -> Path:
    """Write the report as one HTML file that needs no other file and no network.

    The same data give the same bytes. The file is written beside its place and put there by one
    rename: a reader never sees half a page.

    Args:
        data: The frames.
        sections: Of the page, in their order.
        target: Folder to write into; made if missing.
        translations: Of the page's texts; none: English.

    Returns:
        Path of ``index.html`` in the folder.

    Raises:
        OSError: the folder can't be written to.
        ValueError: a frame lacks a column that a section needs.
    """
    html = render_html(data, sections, translations)
    target.mkdir(parents=True, exist_ok=True)
    path = target / "index.html"
    handle, name = tempfile.mkstemp(dir=target, prefix=".index-", suffix=".tmp")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(html)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o644)
        os.replace(name, path)  # noqa: PTH105  atomic on every platform
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return path


def render_html(
    data: ReportData,
    sections: Sequence[Section],
    translations: NullTranslations | None = None,
) -> str:
    """Return the page as text; arguments as for `render_report`."""
    data = data.checked(needed(sections) | {LATIN_NAMES.name: LATIN_NAMES})
    with speaking(translations), drawing.drawing(data.simulated) as pen:
        latin = dict(zip(data["latin_names"]["name"], data["latin_names"]["latin"], strict=True))
        pieces = [Context(data, pen, latin, section).piece(section) for section in sections]
        html = _render(data, latin, pieces, pen)
    html = "\n".join(line for line in html.splitlines() if line.strip()) + "\n"
    # Nobody's text can hold this mark: a '<' in text is escaped.
    return html.replace(FONT_MARK, f"<style>{fonts.font_face_css(html)}</style>", 1)


def _render(
    data: ReportData, latin: Mapping[str, str], pieces: Sequence[Piece], pen: drawing.Pen
) -> str:
    """Show the pieces one after the other: tables and figures are numbered as they come."""
    numbering = {"table": counter(1), "figure": counter(1)}
    shared: dict[str, Any] = {
        "release": data,
        "latin": latin,
        "contents": list(_parts(pieces)),
        "number": lambda kind: next(numbering[kind]),
        "estimated": ESTIMATED,
        "stars_note": stars_note(),
        "city": lambda name: city(name, latin),
        "anchor": anchor,
        "shown_rows": SHOWN_ROWS,
        "listed_rows": LISTED_ROWS,
    }

    def show(piece: Piece) -> Markup:
        words = piece.section.words
        own = {"word": lambda code: _(words.get(str(code), "")) or spaced(code)}
        template = environment().get_template(str(piece.section.template))
        return Markup(template.render(shared | own | piece.values))  # noqa: S704  autoescaped

    shared["show"] = show
    return (
        environment()
        .get_template("page.html.j2")
        .render(
            shared
            | {
                "pieces": pieces,
                "css": Markup((TEMPLATES / "report.css").read_text(encoding="utf-8")),  # noqa: S704
                "font_mark": Markup(FONT_MARK),  # noqa: S704
                "glyphs": pen.shared.definitions,
            }
        )
    )


def _parts(pieces: Sequence[Piece]) -> Iterator[Part]:
    """The table of contents; ids are the anchors of the sections."""
    for i, piece in enumerate(pieces, start=1):
        yield Part(piece.section.id, _(piece.section.title), str(i))
        for j, (id_, title) in enumerate(piece.values.get("parts", ()), start=1):
            yield Part(id_, title, f"{i}.{j}")
