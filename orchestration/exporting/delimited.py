"""CSV in UTF-8, plain or with the mark by which Excel knows it.

Belongs here: what a spreadsheet would take for a formula. Does not belong here: the workbook.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from orchestration.exporting.part import Part

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A text that begins with one of these is run as a formula by spreadsheets."""


def write_csv(part: Part, target: Path) -> list[str]:
    """Write plain UTF-8."""
    return _write(part, target, "utf-8")


def write_csv_bom(part: Part, target: Path) -> list[str]:
    """Write UTF-8 with a byte order mark: Excel then shows Chinese as it is."""
    return _write(part, target, "utf-8-sig")


def neutral(text: object) -> object:
    """A text with an apostrophe before it where a spreadsheet would take it for a formula."""
    return f"'{text}" if isinstance(text, str) and text.startswith(FORMULA) else text


def _write(part: Part, target: Path, encoding: str) -> list[str]:
    frame = part.frame.copy()
    altered = []
    for column in frame:
        if not pd.api.types.is_numeric_dtype(frame[column]):
            before = frame[column].astype(object)
            frame[column] = before.map(neutral)
            count = sum(isinstance(text, str) and text.startswith(FORMULA) for text in before)
            if count:
                altered.append(
                    f"{column}: {count:,} texts like formulas have an apostrophe before them"
                )
    frame.to_csv(target, index=False, encoding=encoding, lineterminator="\n")
    return altered
