"""The regression table as a model of rows and cells, and the anchors of its numbers.

Belongs here: what a three-line table is made of. Does not belong here: which number stands where
(`build`), HTML (the template), how a number is written (`typeset.numbers`).
"""

import re
from dataclasses import dataclass
from typing import Final

from analysis.typeset.numbers import MISSING, AlignedNumber
from analysis.typeset.texts import _

CONSTANT: Final = "constant"
ESTIMATED: Final = "estimated"
PUBLISHED: Final = "published"


def stars_note() -> str:
    """What the stars say."""
    return _("*** p < 0.01, ** p < 0.05, * p < 0.10").replace(" p < ", "\u00a0p\u00a0<\u00a0")


@dataclass(frozen=True)
class Cell:
    """One number of the table, with where it comes from.

    Attributes:
        source: 'estimated' or 'published'.
        number: The aligned number, for coefficients and what stands under them.
        text: Text, for the rows under the coefficients; a dash where missing.
        column_id: Column of the table.
        term: Term or statistic.
        link: Anchor of the full row in the appendix, or of the citation; '' for none.
        anchor: Own anchor, '' for none.
        width: Widths in em before and from the decimal point, shared by the column.
    """

    source: str
    column_id: str
    term: str
    number: AlignedNumber | None = None
    text: str = MISSING
    link: str = ""
    anchor: str = ""
    width: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True)
class Row:
    """Label and cells; `under` marks the row of t values or standard errors."""

    label: str
    cells: tuple[Cell, ...]
    under: bool = False


@dataclass(frozen=True)
class Column:
    """A model of the table. `mark` is its footnote letter, '' for none."""

    column_id: str
    label: str
    sources: tuple[str, ...]
    mark: str = ""

    @property
    def width(self) -> int:
        """Columns of numbers that it takes."""
        return len(self.sources)


@dataclass(frozen=True)
class RegressionTable:
    """A three-line table.

    Attributes:
        coefficients: Rows of estimates, each followed by its row in parentheses.
        fits: Rows on effects, sample and fit.
        footnotes: (letter, text) on single columns.
        notes: Sentences under the table.
        shows_t: Whether t values stand in parentheses, and not standard errors.
        outcomes: What each column explains, where they differ; else empty, and `outcome` says it.
        split: Whether any column is for a group of cities.
    """

    study: str
    table_id: str
    title: str
    outcome: str
    columns: tuple[Column, ...]
    coefficients: tuple[Row, ...]
    fits: tuple[Row, ...]
    footnotes: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    paper_id: str = ""
    table_no: str = ""
    shows_t: bool = False
    outcomes: tuple[str, ...] = ()
    split: bool = False

    @property
    def side_by_side(self) -> bool:
        """Whether any column has published numbers."""
        return any(PUBLISHED in column.sources for column in self.columns)


def anchor(*parts: object) -> str:
    """An HTML id from any text: letters, digits, '-' and '_'; different texts stay different."""
    return "-".join(
        re.sub(r"[^A-Za-z0-9]", lambda m: f"_{ord(m.group()):x}", str(part)) for part in parts
    )


def with_widths(rows: list[Row]) -> tuple[Row, ...]:
    """Give each column the widths that its widest number needs."""
    if not rows:
        return ()
    widths: list[tuple[float, float]] = []
    for position in range(len(rows[0].cells)):
        numbers = [r.cells[position].number for r in rows]
        sizes = [n.widths for n in numbers if n is not None] or [(0.6, 0.6)]
        widths.append((max(s[0] for s in sizes), max(s[1] for s in sizes)))
    return tuple(
        Row(
            row.label,
            tuple(
                Cell(c.source, c.column_id, c.term, c.number, c.text, c.link, c.anchor, width)
                for c, width in zip(row.cells, widths, strict=True)
            ),
            row.under,
        )
        for row in rows
    )
