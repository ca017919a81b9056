"""Which column of a study a printed column stands against.

Belongs here: the study's word on it (`published_column`), carried to what was printed. Does not belong
here: the table that shows both (`build`).
"""

from collections.abc import Iterable
from typing import Any

import pandas as pd

PRINTED = "{number} (printed)"
"""A printed column that stands against none, where a column of the study has its number as id."""


def standing(*frames: pd.DataFrame) -> dict[str, str]:
    """Column of the study by printed column; `frames` have column_id and published_column."""
    found: dict[str, str] = {}
    for frame in frames:
        known = frame[frame["published_column"].notna()]
        for printed, column in zip(known["published_column"], known["column_id"], strict=True):
            found.setdefault(str(printed), str(column))
    return found


def under_own_columns(
    printed: pd.DataFrame, stands: dict[str, str], own: Iterable[str]
) -> pd.DataFrame:
    """Printed rows with `column_no` as the id of the column that they stand against.

    `own` are ids of the study's columns: one that a printed column doesn't stand against keeps its
    place to itself.
    """
    taken = set(own)

    def column_of(number: Any) -> Any:
        if pd.isna(number):  # a note on the whole table
            return number
        text = str(int(number)) if isinstance(number, float) else str(number)
        return stands.get(text, PRINTED.format(number=text) if text in taken else text)

    return printed.assign(column_no=printed["column_no"].map(column_of))


__all__ = ["PRINTED", "standing", "under_own_columns"]
