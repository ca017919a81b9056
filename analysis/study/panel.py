"""Columns of a panel as studies read them: numbers, filters, the fingerprint of the data used.

Belongs here: what needs a frame and names of its columns. Does not belong here: the variables of a
study (`values`), its rows (`data`).
"""

import hashlib
from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.study.hints import did_you_mean
from analysis.study.keys import Filter

SHOWN = 5
"""Rows, cities or values that a message lists."""

Mask = npt.NDArray[np.bool_]


class EstimationError(ValueError):
    """A study that can't be run on a panel; names study, design and column, and what to do."""


def data_fingerprint(panel: pd.DataFrame, columns: Iterable[str]) -> str:
    """SHA-256 of the given columns of `panel`, whatever the order of its rows and columns.

    Numbers and truth values count as 64-bit floats, so 1, 1.0 and True are the same; text counts
    as UTF-8; a missing value is itself, and unlike any text. Raises EstimationError for an absent
    column.
    """
    names = sorted(set(columns))
    require_columns(panel, names, "fingerprint")
    digest = hashlib.sha256(f"{len(panel)} rows".encode())
    keys: list[npt.NDArray[Any]] = []
    cells: list[npt.NDArray[Any]] = []
    for name in names:
        column = panel[name]
        if _holds_numbers(column):
            values = column.astype("Float64").to_numpy(dtype="float64", na_value=np.nan)
            values = values + 0.0  # -0.0 becomes 0.0
            values[np.isnan(values)] = np.nan  # one bit pattern
            keys.append(values)
            cells.append(values.astype("<f8"))
        else:
            text = np.array(
                [b"\x00" if pd.isna(v) else b"\x01" + str(v).encode() for v in column], dtype=object
            )
            keys.append(np.unique(text, return_inverse=True)[1] if len(text) else text)
            cells.append(text)
    order = np.lexsort(keys[::-1]) if keys else np.arange(0)
    for name, values in zip(names, cells, strict=True):
        ordered = values[order]
        if ordered.dtype == object:
            content = b"".join(len(cell).to_bytes(8, "little") + cell for cell in ordered)
            kind = "text"
        else:
            content, kind = ordered.tobytes(), "number"
        digest.update(f"\n{kind} {len(name)} {name} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()


def _holds_numbers(column: pd.Series) -> bool:
    """Whether a column is numeric, or holds only numbers and truth values beside missing ones."""
    return pd.api.types.is_numeric_dtype(column) or pd.api.types.infer_dtype(
        column, skipna=True
    ) in ("boolean", "integer", "floating", "mixed-integer-float", "decimal")


def require_columns(panel: pd.DataFrame, names: Iterable[str], where: str) -> None:
    """Raises EstimationError for a column that the panel doesn\'t have."""
    known = tuple(str(name) for name in panel.columns)
    absent = [name for name in names if name not in known]
    if absent:
        listed = ", ".join(f"{name!r}{did_you_mean(name, known)}" for name in absent)
        raise EstimationError(
            f"{where}: the panel has no column {listed}. Correct the study, or add the column to "
            "the panel"
        )


def numbers_of(rows: pd.DataFrame, name: str, where: str) -> npt.NDArray[np.float64]:
    """A column as floats, missing as NaN."""
    try:
        return pd.to_numeric(rows[name]).to_numpy(dtype="float64", na_value=np.nan)
    except (ValueError, TypeError) as error:
        raise EstimationError(f"{where}: column {name!r} is not numeric: {error}") from error


def meets(rows: pd.DataFrame, filters: tuple[Filter, ...], where: str) -> Mask:
    """Rows that meet every filter; a missing value meets none."""
    kept = np.ones(len(rows), dtype=bool)
    for item in filters:
        column = rows[item.column]
        kind, wanted = item.condition
        options = wanted if isinstance(wanted, tuple) else (wanted,)
        numeric = pd.api.types.is_numeric_dtype(column)
        present = column.dropna()
        text = bool(len(present)) and not numeric and isinstance(present.iloc[0], str)
        for option in options:
            if (numeric and isinstance(option, str)) or (text and not isinstance(option, str)):
                holds = "numbers or truth values" if numeric else "text"
                raise EstimationError(
                    f"{where}: filter on {item.column!r} compares with {option!r}, but the column "
                    f"holds {holds}; write the value as the column has it"
                )
        if kind in ("at_least", "at_most"):
            values = numbers_of(rows, item.column, where)
            bound = float(options[0])
            kept &= values >= bound if kind == "at_least" else values <= bound
        else:
            known = column.notna().to_numpy()
            among = column.isin(list(options)).to_numpy(dtype=bool)
            kept &= known & (~among if kind == "none_of" else among)
    return kept


__all__ = [
    "SHOWN",
    "EstimationError",
    "Mask",
    "data_fingerprint",
    "meets",
    "numbers_of",
    "require_columns",
]
