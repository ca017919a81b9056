"""Workbooks through calamine: what xlsx and xls have in common once their bytes are trusted.

Here: opening, tabs, grids, merged ranges. Not here: the checks that make it safe to call calamine
at all (it allocates the whole rectangle that a sheet spans and aborts the process where that
fails); `xlsx` and `xls` do them before, each on its own kind of bytes.
"""

import io
import re
from collections.abc import Iterator, Sequence

import pyarrow as pa
import python_calamine as calamine

from orchestration.landing.reading.cells import MergedArea, Reading, grid_batch
from orchestration.landing.reading.source import Source

MAX_GRID_CELLS = 10_000_000
"""Largest rectangle (rows x columns, blanks included) that one sheet may span."""

ErrorCells = Sequence[Sequence[tuple[int, int, str]]]
PercentCells = Sequence[Sequence[tuple[int, int]]]


def is_percent_format(code: str) -> bool:
    """Whether a number format shows a hundred times the number; a quoted % is a mere sign."""
    return "%" in re.sub(r'"[^"]*"|\\.|_.', "", code)


BUILT_IN_PERCENT = frozenset({9, 10})
"""Numbers of Excel's own percentage formats, 0% and 0.00%."""


def read_workbook(
    source: Source,
    content: bytes,
    media_kind: str,
    errors: ErrorCells,
    percents: PercentCells = (),
) -> Reading:
    """The cells of all worksheets of a workbook whose extent was checked.

    `errors` has one list of (row, column, text), counted from 0, per tab: the error values, which
    calamine gives back as blanks; `percents` likewise (row, column) of the cells in a percentage
    format, of which calamine gives the bare number. Hidden sheets are read like others; charts and macros are not.
    """
    try:
        book = calamine.load_workbook(io.BytesIO(content))
    except calamine.PasswordError as error:
        raise source.refusal(
            "password",
            "the workbook has a password; expected one that opens without: remove it in Excel "
            "and save again",
        ) from error
    tabs = [
        (index, tab.name)
        for index, tab in enumerate(book.sheets_metadata)
        if tab.typ == calamine.SheetTypeEnum.WorkSheet
    ]

    merged_areas: list[MergedArea] = []

    def batches() -> Iterator[pa.RecordBatch]:
        for index, name in tabs:
            try:
                sheet = book.get_sheet_by_index(index)
                grid = sheet.to_python(skip_empty_area=True)
                first_row, first_column = sheet.start or (0, 0)
                merges = sheet.merged_cell_ranges or ()
            except calamine.CalamineError as error:
                raise source.refusal(
                    "damaged",
                    f"sheet {name!r} can't be read ({error}); open it in Excel, save it again and "
                    "replace the file",
                ) from error
            merged_areas.extend(
                MergedArea(index, top + 1, left + 1, bottom + 1, right + 1)
                for (top, left), (bottom, right) in merges
                if bottom >= top and right >= left
            )
            extra = errors[index] if index < len(errors) else ()
            yield grid_batch(
                index,
                name,
                grid,
                first_row=first_row,
                first_column=first_column,
                merges=merges,
                extra=extra,
                percents=percents[index] if index < len(percents) else (),
            )

    return Reading(media_kind, None, len(tabs), batches(), merged_areas)
