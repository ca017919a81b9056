"""Cells as printed: their schema and the building of Arrow batches of them.

Here: what a cell is, when it is blank, how a number is written. Not here: file formats, and any
meaning of a text (missing marks, units and footnotes are resolved downstream, in SQL).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

CELL_SCHEMA: pa.Schema = pa.schema(
    [
        pa.field("sheet_index", pa.int32(), nullable=False),
        pa.field("sheet_name", pa.string(), nullable=False),
        pa.field("row_number", pa.int32(), nullable=False),
        pa.field("column_number", pa.int32(), nullable=False),
        pa.field("text", pa.string(), nullable=False),
        pa.field("kind", pa.string(), nullable=False),
        pa.field("row_span", pa.int32(), nullable=False),
        pa.field("column_span", pa.int32(), nullable=False),
        pa.field("printed_text", pa.string()),
        pa.field("marks", pa.string()),
        pa.field("number_format", pa.string()),
        pa.field("stored_text", pa.string()),
        pa.field("row_width", pa.int32()),
    ]
)
"""One row per non-blank cell: sheet counted from 0 over all tabs of the file, row and column from
1; `kind` is one of `KINDS`; spans are 1 but on the anchor of a merged range.

The last five are null where there is nothing to say. `printed_text` is `text` with the runs that are
struck through or hidden; `marks` are words of `marks.MARKS`; `number_format` is the code of a format that
shows something else than the stored number, which is then `stored_text`; `row_width` is the number of
fields that the row has in a text file or web page, blank ones included."""

KINDS = ("text", "number", "boolean", "date", "error")
TEXT, NUMBER, BOOLEAN, DATE, ERROR = range(len(KINDS))
_KIND_NAMES = pa.array(KINDS, pa.string())

_KEY_STEP = 2**20  # more than any sheet has columns

LEAST_PLAIN, MOST_PLAIN = 1e-4, 1e16
"""Numbers of a magnitude in between are written with all digits, without an exponent."""


class MergedArea(NamedTuple):
    """A range of cells that is printed as one, also a blank one; rows and columns count from 1."""

    sheet_index: int
    first_row: int
    first_column: int
    last_row: int
    last_column: int


@dataclass(frozen=True)
class Reading:
    """What a family gives back: facts known at once, and the cells batch by batch.

    `merged_areas` grows while the batches are taken.
    """

    media_kind: str
    encoding: str | None
    sheet_count: int
    batches: Iterator[pa.RecordBatch]
    merged_areas: list[MergedArea] = field(default_factory=list)


@dataclass
class CellList:
    """Text cells collected one at a time, for families whose pages are small."""

    rows: list[int] = field(default_factory=list)
    columns: list[int] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    row_spans: list[int] = field(default_factory=list)
    column_spans: list[int] = field(default_factory=list)
    widths: dict[int, int] = field(default_factory=dict)

    def add(
        self, row: int, column: int, text: str, row_span: int = 1, column_span: int = 1
    ) -> None:
        """Append one cell; row and column count from 1."""
        self.rows.append(row)
        self.columns.append(column)
        self.texts.append(text)
        self.row_spans.append(row_span)
        self.column_spans.append(column_span)

    def end_row(self, row: int, width: int) -> None:
        """Say how many columns a row of a table has, those that its cells span included."""
        self.widths[row] = width

    def merged_areas(self, sheet_index: int = 0) -> list[MergedArea]:
        """The cells that span more than one row or column, blank ones as well."""
        spans = zip(self.rows, self.columns, self.row_spans, self.column_spans, strict=True)
        return [
            MergedArea(sheet_index, row, column, row + height - 1, column + width - 1)
            for row, column, height, width in spans
            if height > 1 or width > 1
        ]

    def batch(self, sheet_index: int, sheet_name: str) -> pa.RecordBatch:
        """The collected cells that are not blank, as one batch."""
        texts = pa.array(self.texts, pa.string())
        return build_batch(
            sheet_index,
            sheet_name,
            rows=np.array(self.rows, np.int32),
            columns=np.array(self.columns, np.int32),
            texts=texts,
            kinds=np.zeros(len(texts), np.int8),
            row_spans=np.array(self.row_spans, np.int32),
            column_spans=np.array(self.column_spans, np.int32),
            row_widths=np.array([self.widths.get(row, 1) for row in self.rows], np.int32),
        )


def is_blank(texts: pa.Array) -> pa.Array:
    """Whether each text is empty or whitespace only (NBSP and U+3000 count as whitespace)."""
    return pc.equal(pc.binary_length(pc.utf8_trim_whitespace(texts)), 0)


def number_text(values: pa.Array) -> pa.Array:
    """Numbers as the shortest decimal text that reads back to the same number.

    Whole numbers carry no '.0', minus zero is '0', and a 32-bit float keeps its own short form
    (0.1, not 0.10000000149). Integers, floats and decimals; null stays null.
    """
    if not pa.types.is_floating(values.type):
        return values.cast(pa.string())
    if values.type == pa.float16():
        values = values.cast(pa.float32())
    array = np.asarray(values.fill_null(0)) + np.asarray(0, values.type.to_pandas_dtype())
    texts = pa.array(array).cast(pa.string())
    with_exponent = np.flatnonzero(np.asarray(pc.match_substring(texts, "e")))
    if len(with_exponent):
        # Arrow turns to exponents from 1e10 on where there are decimals; few values are there.
        listed = texts.to_pylist()
        for position in with_exponent:
            listed[position] = _float_text(array[position])
        texts = pa.array(listed, pa.string())
    if values.null_count:
        texts = pc.if_else(values.is_valid(), texts, pa.scalar(None, pa.string()))
    return texts


def _float_text(value: Any) -> str:
    if isinstance(value, np.float64):
        return repr(float(value)).removesuffix(".0")
    if LEAST_PLAIN <= abs(value) < MOST_PLAIN:
        return np.format_float_positional(value, trim="-")
    return np.format_float_scientific(value, trim="-")


def build_batch(
    sheet_index: int,
    sheet_name: str,
    *,
    rows: np.ndarray,
    columns: np.ndarray,
    texts: pa.Array,
    kinds: np.ndarray,
    row_spans: np.ndarray | None = None,
    column_spans: np.ndarray | None = None,
    row_widths: np.ndarray | None = None,
) -> pa.RecordBatch:
    """One batch of `CELL_SCHEMA` from arrays of equal length, in their order, without the blanks.

    `kinds` holds positions in `KINDS`; null texts count as blank; spans of None are all 1.
    """
    keep = np.asarray(pc.invert(is_blank(texts)).fill_null(False))
    if not keep.all():
        texts = texts.filter(pa.array(keep))
        rows, columns, kinds = rows[keep], columns[keep], kinds[keep]
        row_spans = None if row_spans is None else row_spans[keep]
        column_spans = None if column_spans is None else column_spans[keep]
        row_widths = None if row_widths is None else row_widths[keep]
    count = len(texts)
    ones = np.ones(count, np.int32)
    return pa.RecordBatch.from_arrays(
        [
            pa.array(np.full(count, sheet_index, np.int32)),
            pa.repeat(pa.scalar(sheet_name, pa.string()), count),
            pa.array(rows.astype(np.int32, copy=False)),
            pa.array(columns.astype(np.int32, copy=False)),
            texts,
            _KIND_NAMES.take(pa.array(kinds)),
            pa.array(ones if row_spans is None else row_spans),
            pa.array(ones if column_spans is None else column_spans),
            *[pa.nulls(count, pa.string())] * 4,
            pa.nulls(count, pa.int32())
            if row_widths is None
            else pa.array(row_widths.astype(np.int32, copy=False)),
        ],
        schema=CELL_SCHEMA,
    )


_KIND_OF_TYPE: dict[type, int] = {
    str: TEXT,
    float: NUMBER,
    int: NUMBER,
    bool: BOOLEAN,
    date: DATE,
    datetime: DATE,
    time: DATE,
    timedelta: DATE,
}


def date_text(value: Any) -> str:
    """A date, time or duration in ISO 8601 order, a blank between date and time.

    A time of midnight is left out (`2014-12-31`); a duration is `hours:minutes:seconds`.
    """
    if isinstance(value, datetime):
        text = value.isoformat(sep=" ")
        return text.removesuffix(" 00:00:00")
    if isinstance(value, timedelta):
        seconds = value.total_seconds()
        minutes, second = divmod(round(abs(seconds)), 60)
        sign = "-" if seconds < 0 else ""
        return f"{sign}{minutes // 60:02d}:{minutes % 60:02d}:{second:02d}"
    return str(value.isoformat())


def grid_batch(
    sheet_index: int,
    sheet_name: str,
    grid: Sequence[Sequence[Any]],
    *,
    first_row: int,
    first_column: int,
    merges: Sequence[tuple[tuple[int, int], tuple[int, int]]] = (),
    extra: Sequence[tuple[int, int, str]] = (),
) -> pa.RecordBatch:
    """The batch of a rectangular grid of Python values as the workbook reader returns them.

    `first_row` and `first_column` are the place of its corner, counted from 0, as are `merges`
    ((top, left), (bottom, right)) and `extra` (row, column, text), the cells of kind 'error' that the
    grid shows as blank.
    """
    width = len(grid[0]) if grid else 0
    flat = list(chain.from_iterable(grid))
    kinds = np.fromiter(map(_KIND_OF_TYPE.__getitem__, map(type, flat)), np.int8, len(flat))
    values = np.empty(len(flat), object)
    values[:] = flat

    places: list[np.ndarray] = []
    texts: list[pa.Array] = []
    at = np.flatnonzero(kinds == TEXT)
    strings = pa.array(values[at], pa.string())
    filled = np.asarray(pc.invert(is_blank(strings)))
    places.append(at[filled])
    texts.append(strings.filter(pa.array(filled)))
    at = np.flatnonzero(kinds == NUMBER)
    if len(at):
        numbers = number_text(pa.array(values[at].astype(np.float64)))
        places.append(at)
        texts.append(numbers)
    at = np.flatnonzero(kinds == BOOLEAN)
    if len(at):
        places.append(at)
        texts.append(pa.array(["TRUE" if values[i] else "FALSE" for i in at], pa.string()))
    at = np.flatnonzero(kinds == DATE)
    if len(at):
        places.append(at)
        texts.append(pa.array([date_text(values[i]) for i in at], pa.string()))

    where = np.concatenate(places)
    row = where // max(width, 1) + first_row
    column = where % max(width, 1) + first_column
    kind = kinds[where]
    if extra:
        row = np.concatenate([row, np.array([cell[0] for cell in extra])])
        column = np.concatenate([column, np.array([cell[1] for cell in extra])])
        kind = np.concatenate([kind, np.full(len(extra), ERROR, np.int8)])
        texts.append(pa.array([cell[2] for cell in extra], pa.string()))
    order = np.lexsort((column, row))
    row, column = row[order], column[order]
    row_spans = column_spans = None
    if merges:
        row_spans, column_spans = np.ones((2, len(order)), np.int32)
        keys = row * _KEY_STEP + column
        for (top, left), (bottom, right) in merges:
            key = top * _KEY_STEP + left
            anchor = int(np.searchsorted(keys, key))
            present = anchor < len(keys) and keys[anchor] == key
            if present and bottom >= top and right >= left:
                row_spans[anchor] = bottom - top + 1
                column_spans[anchor] = right - left + 1
    return build_batch(
        sheet_index,
        sheet_name,
        rows=row + 1,
        columns=column + 1,
        texts=pa.concat_arrays(texts).take(pa.array(order)),
        kinds=kind[order],
        row_spans=row_spans,
        column_spans=column_spans,
    )


def rows_batch(
    sheet_index: int,
    sheet_name: str,
    rows: Sequence[Sequence[str]],
    first_row: int,
    *,
    with_widths: bool = False,
) -> pa.RecordBatch:
    """The batch of rows of text that may differ in length; `first_row` counts from 1."""
    widths = np.fromiter(map(len, rows), np.int64, len(rows))
    starts = np.cumsum(widths) - widths
    texts = pa.array(list(chain.from_iterable(rows)), pa.string())
    return build_batch(
        sheet_index,
        sheet_name,
        rows=np.repeat(np.arange(len(rows)) + first_row, widths),
        columns=np.arange(len(texts)) - np.repeat(starts, widths) + 1,
        texts=texts,
        kinds=np.zeros(len(texts), np.int8),
        row_widths=np.repeat(widths, widths) if with_widths else None,
    )


def columns_batch(
    sheet_index: int,
    sheet_name: str,
    columns: Sequence[pa.Array],
    kinds: Sequence[int | np.ndarray],
    first_row: int,
) -> pa.RecordBatch:
    """The batch of columns of text of equal length, turned into row order.

    `kinds` has one position in `KINDS` per column, or an array of them per value; a null is a
    blank cell; `first_row` counts from 1.
    """
    count, width = len(columns[0]), len(columns)
    order = np.arange(width * count).reshape(width, count).T.ravel()
    kind = np.concatenate([np.broadcast_to(np.int8(k), count) for k in kinds])
    return build_batch(
        sheet_index,
        sheet_name,
        rows=np.repeat(np.arange(count) + first_row, width),
        columns=np.tile(np.arange(width) + 1, count),
        texts=pa.concat_arrays(columns).take(pa.array(order)),
        kinds=kind[order],
    )
