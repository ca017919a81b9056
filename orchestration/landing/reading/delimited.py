"""Tables in plain text: fields separated by comma, tab or semicolon.

Here: which delimiter, and rows of fields, block by block so that memory stays flat. Not here: the
encoding (`text`). A field is text, also where it looks like a number: the file doesn't say.
"""

import csv
import io
from collections import Counter
from collections.abc import Iterator

import pyarrow as pa

from orchestration.landing.reading.cells import Reading, rows_batch
from orchestration.landing.reading.source import Source

DELIMITERS = ("\t", ",", ";")
"""Tried in this order; the first of equals wins."""
SAMPLE_CHARACTERS = 64 * 2**10
MIN_TABLE_SHARE = 0.5
"""Least share of lines with more than one field in what is taken for a table."""
MAX_COLUMNS = 65_536
SHEET_NAME = "csv"
"""Text files have no sheets; the name is fixed so that equal bytes give equal cells."""


def read(source: Source, batch_rows: int, encoding: str) -> Reading:
    """The cells of a delimited text file, in batches of about `batch_rows` cells."""
    with io.TextIOWrapper(source.open(), encoding, newline="") as stream:
        sample = stream.read(SAMPLE_CHARACTERS)
    if len(sample) == SAMPLE_CHARACTERS:
        sample = sample[: max(sample.rfind("\n"), sample.rfind("\r")) + 1] or sample
    delimiter = sniff_delimiter(sample)
    if delimiter is None and not sample.strip('\ufeff \t\r\n,;"'):
        raise source.refusal("no-cells", "nothing but delimiters; expected a table: save it again")
    if delimiter is None:
        raise source.refusal(
            "unknown-format",
            "text without columns; expected fields separated by comma, tab or semicolon: save the "
            "table as CSV",
        )
    return Reading("csv", encoding, 1, _batches(source, encoding, delimiter, batch_rows))


def sniff_delimiter(sample: str) -> str | None:
    """The delimiter that cuts most lines into the same number (over one) of fields, or None."""
    best, best_share = None, 0.0
    if sample.lstrip("\ufeff \t\r\n")[:1] in ("{", "["):  # JSON, whose lines end in commas
        return None
    for delimiter in DELIMITERS:
        widths: Counter[int] = Counter()
        try:
            for row in csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter):
                if any(field.strip() for field in row):
                    widths[len(row)] += 1
        except csv.Error:
            continue
        lines = widths.total()
        wide = {width: count for width, count in widths.items() if width > 1}
        if sum(wide.values()) < MIN_TABLE_SHARE * lines or not wide:
            continue
        share = max(wide.values()) / lines
        if share > best_share:
            best, best_share = delimiter, share
    return best


def _batches(
    source: Source, encoding: str, delimiter: str, batch_rows: int
) -> Iterator[pa.RecordBatch]:
    rows: list[list[str]] = []
    cells, first_row = 0, 1
    with io.TextIOWrapper(source.open(), encoding, newline="") as stream:
        reader = csv.reader(stream, delimiter=delimiter, strict=True)
        try:
            for row in reader:
                if len(row) > MAX_COLUMNS:
                    raise source.refusal(
                        "damaged",
                        f"line {reader.line_num} has {len(row):,} fields, expected at most "
                        f"{MAX_COLUMNS:,}; mend the line and try again",
                    )
                rows.append(row)
                cells += len(row)
                if cells >= batch_rows:
                    yield rows_batch(0, SHEET_NAME, rows, first_row, with_widths=True)
                    first_row += len(rows)
                    rows, cells = [], 0
        except csv.Error as error:
            raise source.refusal(
                "damaged",
                f"line {reader.line_num} breaks the rules of CSV ({error}); expected quotes around "
                "whole fields and doubled inside: mend the line and try again",
            ) from error
    if rows:
        yield rows_batch(0, SHEET_NAME, rows, first_row, with_widths=True)
