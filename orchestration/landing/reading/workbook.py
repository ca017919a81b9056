"""Workbooks through calamine: what xlsx and xls have in common once their bytes are trusted.

Here: opening, tabs, grids, merged ranges. Not here: the checks that make it safe to call calamine
at all (it allocates the whole rectangle that a sheet spans and aborts the process where that
fails); `xlsx` and `xls` do them before, each on its own kind of bytes.
"""

import io
from collections.abc import Iterator, Sequence
from dataclasses import replace

import pyarrow as pa
import python_calamine as calamine

from orchestration.landing.reading.cells import MergedArea, Reading, grid_batch
from orchestration.landing.reading.facts import NO_FACTS, SheetFacts, with_facts
from orchestration.landing.reading.source import Source

MAX_GRID_CELLS = 10_000_000
"""Largest rectangle (rows x columns, blanks included) that one sheet may span."""


def read_workbook(
    source: Source,
    content: bytes,
    media_kind: str,
    facts: Sequence[SheetFacts],
) -> Reading:
    """The cells of all worksheets of a workbook whose extent was checked.

    `facts` has one entry per tab: what calamine doesn't show. Hidden sheets are read like others; charts
    and macros are not.
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
        (index, tab.name, tab.visible != calamine.SheetVisibleEnum.Visible)
        for index, tab in enumerate(book.sheets_metadata)
        if tab.typ == calamine.SheetTypeEnum.WorkSheet
    ]

    merged_areas: list[MergedArea] = []

    def batches() -> Iterator[pa.RecordBatch]:
        for index, name, is_hidden in tabs:
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
            said = replace(facts[index] if index < len(facts) else NO_FACTS, is_hidden=is_hidden)
            batch = grid_batch(
                index,
                name,
                grid,
                first_row=first_row,
                first_column=first_column,
                merges=merges,
                extra=said.errors,
            )
            yield with_facts(batch, said)

    return Reading(media_kind, None, len(tabs), batches(), merged_areas)
