"""Tables as an Excel workbook: a sheet for each, numbers as numbers that show what the report prints.

Belongs here: number formats, sheets. Does not belong here: what a table holds (`page`), rows of the panel
(`exporting.workbook`).
"""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from typing import Final

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from orchestration.exporting.paper.page import Cell, PrintedTable, plain

STAMP: Final = datetime(2000, 1, 1)
PRINTED: Final = re.compile(r"([(\[]?)([\u2212-]?)(\d[\d,]*)(\.\d+)?([)\]]?)([*+\u2020]*)")
WIDEST: Final = 48


def write_sheets(tables: list[PrintedTable], target: Path, title: str, mark: str) -> None:
    """Write a workbook: contents, then the tables in their order."""
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(str(target), options) as book:
        book.set_properties({"title": title, "created": STAMP})
        styles = Styles(book)
        contents = book.add_worksheet("contents")
        contents.write_string(0, 0, title, styles.get(bold=True))
        contents.set_column(1, 1, 100)
        for at, table in enumerate(tables, start=2):
            name = f"Table {table.number}"
            contents.write_url(at, 0, f"internal:'{name}'!A1", string=name)
            contents.write_string(at, 1, plain(table.caption))
            _sheet(book.add_worksheet(name), table, mark, styles)


class Styles:
    """Formats of a workbook, each made once."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self._book = book
        self._made: dict[tuple[tuple[str, object], ...], Format] = {}

    def get(self, **properties: object) -> Format:
        """The format of these properties."""
        key = tuple(sorted(properties.items()))
        if key not in self._made:
            self._made[key] = self._book.add_format(properties)
        return self._made[key]


def _sheet(sheet: Worksheet, table: PrintedTable, mark: str, styles: Styles) -> None:
    end = f" {mark}" if mark else ""
    caption = f"Table {table.number}. {plain(table.caption)}{end}"
    sheet.write_string(0, 0, caption, styles.get(bold=True))
    at = 1
    for position, row in enumerate(table.head):
        lines: dict[str, object] = {"top": 2} if position == 0 else {}
        lines |= {"bottom": 1} if position == len(table.head) - 1 else {}
        _row(sheet, at, row, styles, lines | {"bold": True}, table.is_regression)
        at += 1
    sheet.freeze_panes(at, 1)
    last = len(table.rows) - 1
    for position, row in enumerate(table.rows):
        under: dict[str, object] = {"bottom": 2} if position == last else {}
        _row(sheet, at, row, styles, under, table.is_regression)
        at += 1
    for note in table.notes:
        sheet.write_string(at, 0, plain(note), styles.get(italic=True))
        at += 1
    for column in range(table.width):
        sheet.set_column(column, column, _width(table, column))


def _row(
    sheet: Worksheet,
    at: int,
    row: tuple[Cell, ...],
    styles: Styles,
    lines: dict[str, object],
    is_regression: bool,
) -> None:
    column = 0
    for cell in row:
        place = "right" if cell.is_number else "left"
        if is_regression and column > 0:
            place = "center"
        style = {**lines, "align": place}
        printed = number_format(cell)
        if cell.span > 1:
            centred = styles.get(**{**style, "align": "center" if lines.get("bold") else place})
            sheet.merge_range(at, column, at, column + cell.span - 1, cell.text, centred)
        elif printed and cell.value is not None:
            sheet.write_number(at, column, cell.value, styles.get(**style, num_format=printed))
        elif cell.text:
            sheet.write_string(at, column, cell.text, styles.get(**style))
        else:
            sheet.write_blank(at, column, None, styles.get(**style))
        column += cell.span


def number_format(cell: Cell) -> str:
    """A format by which Excel shows the value as it is printed, stars too; '' where none does."""
    found = PRINTED.fullmatch(cell.text)
    if cell.value is None or not found:
        return ""
    opening, sign, whole, part, closing, marks = found.groups()
    if bool(sign) != (cell.value < 0):
        return ""
    digits = "#,##0" if "," in whole else "0"
    core = digits + ("." + "0" * (len(part) - 1) if part else "")

    def quoted(text: str) -> str:
        return f'"{text}"' if text else ""

    after = quoted(closing + marks)
    return f"{quoted(opening)}{core}{after};{quoted(opening)}\u2212{core}{after}"


def _width(table: PrintedTable, column: int) -> float:
    longest = 6
    for row in (*table.head, *table.rows):
        at = 0
        for cell in row:
            if at == column and cell.span == 1:
                longest = max(longest, len(cell.text.encode("gbk", "replace")))
            at += cell.span
    return min(longest, WIDEST) + 2
