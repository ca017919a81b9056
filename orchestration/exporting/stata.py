"""Stata .dta, version 118 (Stata 14 and later).

Belongs here: the frame as Stata bears it. Does not belong here: names (`names`).
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd

from orchestration.errors import CitypanelError
from orchestration.exporting.names import label, stata_names
from orchestration.exporting.part import Part

LONGEST_FIXED = 2045
"""Bytes of a text that stands in its row; longer ones are strL."""
STAMP = datetime(2000, 1, 1)
"""The file's time of writing, fixed: the same part gives the same bytes."""
YES_NO: dict[float, str] = {0: "no", 1: "yes"}
LARGEST_INT8 = 100
"""Stata keeps 101 to 127 of a byte for missing values."""


def write_stata(part: Part, target: Path) -> list[str]:
    """Write the part; what was altered, a sentence each.

    Truth values become bytes with the labels no and yes, whole numbers with gaps doubles, and a missing text
    the empty text, which is Stata's own mark of a missing one.
    """
    names = stata_names(part.frame.columns)
    altered = [f"{old} is {new}" for old, new in names.items() if old != new]
    columns: dict[str, pd.Series] = {}
    yes_no: dict[str, dict[float, str]] = {}
    long_texts = []
    for old, new in names.items():
        values, is_flag = _as_stata(part.frame[old])
        columns[new] = values
        if is_flag:
            yes_no[new] = YES_NO
        if pd.api.types.is_object_dtype(values) and any(
            len(text.encode()) > LONGEST_FIXED for text in values
        ):
            long_texts.append(new)
    _check_finite(part)
    pd.DataFrame(columns).to_stata(
        target,
        write_index=False,
        version=118,
        time_stamp=STAMP,
        data_label=label(part.title),
        variable_labels={new: label(part.meaning[old]) for old, new in names.items()},
        value_labels={name: dict(labels) for name, labels in yes_no.items()},
        convert_strl=long_texts,
    )
    cut = sum(len(label(text)) < len(" ".join(text.split())) for text in part.meaning.values())
    if cut:
        altered.append(
            f"{cut} variable labels are cut at 80 characters; the sheet codebook of --format excel has them whole"
        )
    return altered


class NotInStata(CitypanelError):
    """A number that Stata has no place for."""


def _check_finite(part: Part) -> None:
    for column in part.frame.select_dtypes("number"):
        values = part.frame[column].astype("float64")
        count = int(np.isinf(values).sum())
        if count:
            raise NotInStata(
                f"{column}: {count:,} infinite values, which Stata doesn't have: use another --format"
            )


def _as_stata(values: pd.Series) -> tuple[pd.Series, bool]:
    """A column in a type that Stata has, and whether it is a truth value."""
    held = values.dropna()
    if pd.api.types.is_bool_dtype(values) or (
        len(held) > 0 and all(isinstance(one, bool | np.bool_) for one in held)
    ):
        flags = values.map(lambda one: np.nan if pd.isna(one) else float(one)).astype("float64")
        return (flags if flags.isna().any() else flags.astype("int8")), True
    if pd.api.types.is_numeric_dtype(values):
        if pd.api.types.is_integer_dtype(values) and not values.isna().any():
            whole = values.astype("int64")
            return (whole if abs(whole).max() > LARGEST_INT8 else whole.astype("int8")), False
        return values.astype("float64"), False
    texts = values.map(lambda one: "" if pd.isna(one) else str(one))
    return texts.astype(object), False
