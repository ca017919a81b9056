"""Stata data sets (.dta), formats 105 to 119 (Stata 5 to 19), through pandas.

Here: names, labels and values laid out as cells. Row 1 has the names of the variables; row 2 has
their labels and stays reserved where there are none; data begin in row 3. A value with a value
label prints as its label, a date as Stata shows it by default. Not here: other columnar files
(`parquet`).
"""

import io
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from orchestration.landing.reading.cells import (
    DATE,
    NUMBER,
    TEXT,
    Reading,
    columns_batch,
    date_text,
    number_text,
    rows_batch,
)
from orchestration.landing.reading.source import Source

SHEET_NAME = "dta"
_FIRST_DATA_ROW = 3
_UNICODE_FORMAT = 118
_ORIGIN = datetime(1960, 1, 1, tzinfo=UTC)
_PERIODS = {"w": 52, "m": 12, "q": 4, "h": 2}


def read(source: Source, batch_rows: int) -> Reading:
    """The cells of a Stata data set, in batches of about `batch_rows` cells."""
    content = source.data
    if content.startswith(b"<stata_dta>") and b"</stata_dta>" not in content[-64:]:
        raise source.refusal(
            "truncated", "the data set has no end; it was cut off: copy it again or save it anew"
        )
    with _strict_text(source):
        return _read(source, content, batch_rows)


@contextmanager
def _strict_text(source: Source) -> Iterator[None]:
    # pandas falls back to Latin-1 with a warning where UTF-8 fails: that is a damaged file.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", UnicodeWarning)
        try:
            yield
        except (UnicodeWarning, UnicodeDecodeError) as error:
            raise _wrong_encoding(source) from error


def _frames(source: Source, reader: Any) -> Iterator[pd.DataFrame]:
    while True:
        with _strict_text(source):
            frame = next(reader, None)
        if frame is None:
            return
        yield frame


def _wrong_encoding(source: Source) -> Exception:
    return source.refusal(
        "encoding",
        "a text can't be decoded; expected UTF-8, or UTF-8 or GB18030 (GBK) in formats before "
        "118: run `unicode translate` in Stata, or save it as CSV in UTF-8",
    )


def _read(source: Source, content: bytes, batch_rows: int) -> Reading:
    def open_reader(rows: int) -> Any:
        return pd.read_stata(
            io.BytesIO(content), chunksize=rows, convert_categoricals=False, convert_dates=False
        )

    reader = open_reader(1)
    variable_labels: dict[str, str] = reader.variable_labels()
    label_sets: dict[str, dict[Any, str]] = reader.value_labels()
    # Format version, formats and the use of label sets are not public in pandas (pinned; tested).
    set_of = dict(zip(reader._varlist, reader._lbllist, strict=True))
    formats = dict(zip(reader._varlist, reader._fmtlist, strict=True))
    version: int = reader._format_version
    rows = max(1, batch_rows // max(len(set_of), 1))

    recode: Callable[[str], str] = str
    encoding = "utf-8"
    if version < _UNICODE_FORMAT:
        # pandas hands these over byte by byte as Latin-1, whatever the writer's code page was.
        encoding = _old_encoding(source, open_reader(rows), variable_labels, label_sets)

        def recode(text: str) -> str:
            return text if text.isascii() else text.encode("latin-1").decode(encoding)

    names = list(variable_labels)
    labels = {
        name: {code: recode(text) for code, text in label_sets.get(set_of[name], {}).items()}
        for name in names
    }

    def batches() -> Iterator[pa.RecordBatch]:
        head = [names, list(variable_labels.values())]
        yield rows_batch(0, SHEET_NAME, [[recode(text) for text in row] for row in head], 1)
        row = _FIRST_DATA_ROW
        for frame in _frames(source, open_reader(rows)):
            cells = [_column(frame[name], labels[name], formats[name], recode) for name in names]
            yield columns_batch(0, SHEET_NAME, [c[0] for c in cells], [c[1] for c in cells], row)
            row += len(frame)

    return Reading("dta", encoding, 1, batches())


def _old_encoding(
    source: Source, reader: Any, labels: dict[str, str], sets: dict[str, dict[Any, str]]
) -> str:
    texts: set[str] = {*labels, *labels.values()}
    texts.update(text for label_set in sets.values() for text in label_set.values())
    for frame in _frames(source, reader):
        for name in frame.columns:
            if not pd.api.types.is_numeric_dtype(frame[name].dtype):
                texts.update(frame[name].dropna().unique())
    return _encoding_of(source, [text.encode("latin-1") for text in texts if not text.isascii()])


def _encoding_of(source: Source, texts: Iterable[bytes]) -> str:
    for encoding in ("utf-8", "gb18030"):
        try:
            for text in texts:
                text.decode(encoding)
        except UnicodeDecodeError:
            continue
        return encoding
    raise _wrong_encoding(source)


def _column(
    values: "pd.Series[Any]", labels: dict[Any, str], form: str, recode: Callable[[str], str]
) -> tuple[pa.Array, int | np.ndarray]:
    """One variable's texts (null where missing) and their kind, or kinds."""
    if not pd.api.types.is_numeric_dtype(values.dtype):
        texts = pa.array([recode(str(v)) if isinstance(v, str) else None for v in values])
        return texts.cast(pa.string()), TEXT
    numbers = pa.array(values, from_pandas=True)
    period = _period(form)
    if period:
        dates = [None if v is None else _date(v, period) for v in numbers.to_pylist()]
        return pa.array(dates, pa.string()), DATE
    texts = number_text(numbers)
    if not labels:
        return texts, NUMBER
    found = [labels.get(v) for v in numbers.to_pylist()]
    kinds = np.array([NUMBER if label is None else TEXT for label in found], np.int8)
    both = zip(found, texts.to_pylist(), strict=True)
    return pa.array([text if label is None else label for label, text in both], pa.string()), kinds


def _period(form: str) -> str | None:
    """The letter of a Stata date format that counts from 1960; years (%ty) are plain numbers."""
    form = form.removeprefix("%").removeprefix("-")
    if form.startswith("d"):
        return "d"
    letter = form[1:2] if form.startswith("t") else ""
    return letter if letter in {"d", "c", "C", *_PERIODS} and letter else None


def _date(value: float, period: str) -> str:
    """A count of periods since 1960 as ISO date, or as Stata prints it (2014m3, 2014q1)."""
    if period in _PERIODS:
        year, part = divmod(int(value), _PERIODS[period])
        return f"{1960 + year}{period}{part + 1}"
    step = timedelta(days=value) if period == "d" else timedelta(milliseconds=value)
    try:
        return date_text((_ORIGIN + step).replace(tzinfo=None))
    except OverflowError:
        return str(value)
