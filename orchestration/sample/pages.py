"""One table of one edition as a workbook in the layout of the China City Statistical Yearbook.

Belongs here: titles, bilingual merged headings, province rows, continuation pages, marks of missing
values, footnotes and the line that says the data are simulated. Does not belong here: the figures.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from orchestration.sample.layout import SCOPES, Table
from orchestration.sample.places import Places

if TYPE_CHECKING:
    import xlsxwriter

ROWS_PER_PAGE = 45
MISSING_MARKS = ("-", "…", "..", "", "NA")
FOOTNOTE_MARK = "①"
FOOTNOTED_PER_WORKBOOK = 3
# A fixed date keeps the bytes of a workbook the same from run to run.
CREATED = datetime(2024, 1, 1)
SIMULATED_LINE = "模拟数据，非官方统计 Simulated data, not official statistics"


@dataclass(frozen=True)
class Line:
    """A line of the body: a province (`unit` is None) or a unit by its position."""

    zh: str
    en: str
    unit: int | None


def body_lines(places: Places, year_index: int) -> list[Line]:
    """Municipalities first, then each province's row and its cities; only what exists that year."""
    present = [i for i in range(places.n) if places.exists[i, year_index]]
    order = sorted(present, key=lambda i: places.code[i])

    def line(i: int, indent: str) -> Line:
        return Line(
            indent + places.name_zh[i][year_index], indent + places.name_en[i][year_index], i
        )

    lines = [line(i, "") for i in order if places.municipality[i]]
    province = ""
    for i in order:
        if places.municipality[i]:
            continue
        if places.province_code[i] != province:
            province = places.province_code[i]
            lines.append(Line(*places.provinces[province], unit=None))
        lines.append(line(i, "  "))
    return lines


class _Sheet:
    """A sheet of one table and edition that is being written."""

    def __init__(
        self, book: xlsxwriter.Workbook, table: Table, edition: int, n_columns: int
    ) -> None:
        self.table, self.edition = table, edition
        self.sheet = book.add_worksheet(table.number)
        self.wrap = book.add_format({"text_wrap": True, "align": "center", "valign": "vcenter"})
        self.sheet.set_column(0, 1, 16)
        self.sheet.set_column(2, 1 + n_columns, 18)
        self.text, self.number = self.sheet.write_string, self.sheet.write_number

    def titles(self) -> None:
        """Chapter and table, in both languages."""
        table = self.table
        number = f"{table.number} {table.title_zh}"
        for row, title in enumerate((table.chapter_zh, table.chapter_en, number, table.title_en)):
            self.text(row, 0, title)

    def header(self, row: int) -> None:
        """The two rows of headings, merged where one has several scopes."""
        self.sheet.merge_range(row, 0, row + 1, 0, "城 市", self.wrap)
        self.sheet.merge_range(row, 1, row + 1, 1, "City", self.wrap)
        at = 2
        for column in self.table.columns:
            title = column.heading(self.edition).text(self.edition)
            if len(column.scopes) > 1:
                self.sheet.merge_range(row, at, row, at + len(column.scopes) - 1, title, self.wrap)
            else:
                self.text(row, at, title, self.wrap)
            for scope in column.scopes:
                self.text(row + 1, at, SCOPES[scope], self.wrap)
                at += 1

    def continued(self, row: int, page: int) -> int:
        """The head of a continuation page; the row where its body begins."""
        number = self.table.number
        self.text(row + 2, 0, f"{number} 续表 {page} continued {page}")
        self.header(row + 3)
        return row + 5

    def notes(self, row: int) -> None:
        """What stands below the table."""
        for at, note in enumerate(
            (
                f"注：{FOOTNOTE_MARK}为初步核算数。",
                f"Note: {FOOTNOTE_MARK} Preliminary figure.",
                *self.table.notes,
                f"资料来源：{SIMULATED_LINE}",
            )
        ):
            self.text(row + at, 0, note)


def write_workbook(
    path: Path,
    table: Table,
    places: Places,
    *,
    year_index: int,
    edition: int,
    values: dict[tuple[str, str], NDArray[np.float64]],
    gaps: dict[tuple[str, str], NDArray[np.bool_]],
) -> int:
    """Write one table of one edition; returns the number of value cells.

    `values` are in printed units, units x years per (indicator, scope).
    """
    import xlsxwriter

    shown = [
        (column.heading(edition), scope, (column.code, scope))
        for column in table.columns
        for scope in column.scopes
    ]
    lines = body_lines(places, year_index)
    rows = [line.unit for line in lines if line.unit is not None]
    rng = np.random.default_rng([edition, zlib.crc32(table.number.encode())])
    footnoted = {
        (int(rng.choice(rows)), int(rng.integers(len(shown))))
        for _ in range(FOOTNOTED_PER_WORKBOOK)
    }

    book = xlsxwriter.Workbook(str(path), {"in_memory": True})
    book.set_properties({"created": CREATED, "title": f"{table.number} {table.title_zh}"})
    sheet = _Sheet(book, table, edition, len(shown))
    sheet.titles()
    sheet.header(4)
    row, on_page, page = 6, 0, 0
    columns = [
        (k, values[key][:, year_index], gaps.get(key), _formatter(table, heading.decimals))
        for k, (heading, _, key) in enumerate(shown)
    ]
    for line in lines:
        if on_page == ROWS_PER_PAGE:
            page, on_page = page + 1, 0
            row = sheet.continued(row, page)
        sheet.text(row, 0, line.zh)
        sheet.text(row, 1, line.en)
        i = line.unit
        if i is not None:
            for k, series, gap, as_text in columns:
                if gap is not None and gap[i, year_index]:
                    mark = MISSING_MARKS[(i + year_index + k) % len(MISSING_MARKS)]
                    if mark:
                        sheet.text(row, 2 + k, mark)
                elif (i, k) in footnoted:
                    sheet.text(row, 2 + k, (as_text or _plain)(series[i]) + FOOTNOTE_MARK)
                elif as_text is None:
                    sheet.number(row, 2 + k, series[i])
                else:
                    sheet.text(row, 2 + k, as_text(series[i]))
        row += 1
        on_page += 1
    sheet.notes(row)
    book.close()
    return len(rows) * len(shown)


def _plain(value: float) -> str:
    return f"{value:.10g}"


def _formatter(table: Table, decimals: int) -> Callable[[float], str] | None:
    """How the table's values become text; None where they are number cells."""
    if table.style == "number":
        return None
    template = f"{{:{',' if table.style == 'thousands' else ''}.{decimals}f}}"
    return template.format
