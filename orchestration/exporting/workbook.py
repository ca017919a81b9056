"""An Excel workbook: the rows and their codebook.

Belongs here: sheets, formats and limits of Excel. Does not belong here: which rows.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pandas as pd
import xlsxwriter

from orchestration.errors import CitypanelError
from orchestration.exporting.names import stata_name
from orchestration.exporting.part import Part

LONGEST_TEXT, MOST_ROWS, MOST_COLUMNS = 32_767, 1_048_576, 16_384
ABOVE = 2
"""Rows above the rows: what it is, and the header."""
STAMP = datetime(2000, 1, 1)


class TooLarge(CitypanelError):
    """More rows or columns than a sheet holds."""


def write_workbook(part: Part, target: Path) -> list[str]:
    """Write the part; texts are cut at Excel's limit, and which is said. No text is a formula."""
    rows, columns = part.frame.shape
    if rows + ABOVE > MOST_ROWS or columns > MOST_COLUMNS:
        raise TooLarge(
            f"{rows:,} rows and {columns:,} columns: a sheet holds {MOST_ROWS - ABOVE:,} and"
            f" {MOST_COLUMNS:,}; choose fewer, or another form"
        )
    altered: list[str] = []
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(str(target), options) as book:
        book.set_properties({"title": part.title, "created": STAMP})
        _sheet(book, part.name, part.title, part.frame, altered)
        codebook = pd.DataFrame(
            {
                "column": list(part.meaning),
                "name_in_stata": [stata_name(column) for column in part.meaning],
                "meaning": list(part.meaning.values()),
            }
        )
        _sheet(book, "codebook", part.title, codebook, altered)
    return altered


def _sheet(
    book: xlsxwriter.Workbook, name: str, title: str, frame: pd.DataFrame, altered: list[str]
) -> None:
    sheet = book.add_worksheet(name)
    bold = book.add_format({"bold": True, "bottom": 1})
    measured = book.add_format({"num_format": "#,##0.0###"})
    sheet.write_string(0, 0, title)
    for at, column in enumerate(frame):
        sheet.write_string(1, at, column, bold)
        values = frame[column]
        is_real = pd.api.types.is_float_dtype(values)
        sheet.set_column(at, at, 12, measured if is_real else None)
        for row, value in enumerate(values, start=ABOVE):
            if pd.isna(value):
                continue
            if isinstance(value, str):
                if len(value) > LONGEST_TEXT:
                    altered.append(
                        f"{name}.{column}, row {row + 1}: cut at {LONGEST_TEXT:,} characters"
                    )
                sheet.write_string(row, at, value[:LONGEST_TEXT])
            elif pd.api.types.is_bool(value):
                sheet.write_boolean(row, at, bool(value))
            else:
                sheet.write_number(row, at, float(value))
    sheet.freeze_panes(ABOVE, min(2, len(frame.columns) - 1))
    sheet.autofilter(1, 0, max(ABOVE, len(frame) + 1), len(frame.columns) - 1)
