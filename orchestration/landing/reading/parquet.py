"""Parquet files, batch by batch.

Here: columns of any flat type to columns of text. Row 1 has the column names; data begin in row 2.
Not here: turning columns into cells (`cells.columns_batch`). NaN and null are blank cells.
"""

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from orchestration.landing.reading.cells import (
    BOOLEAN,
    DATE,
    NUMBER,
    TEXT,
    Reading,
    columns_batch,
    number_text,
    rows_batch,
)
from orchestration.landing.reading.source import Source

SHEET_NAME = "parquet"
MAX_COLUMNS = 65_536
MAX_GROUP_BYTES = 4 * 2**30
"""Largest row group, unpacked, by its own account."""


def read(source: Source, batch_rows: int) -> Reading:
    """The cells of a Parquet file, in batches of about `batch_rows` cells."""
    if source.tail[-4:] not in (b"PAR1", b"PARE"):
        raise source.refusal(
            "truncated", "the Parquet file has no end; it was cut off: copy it or write it again"
        )
    file = pq.ParquetFile(
        source.open(), page_checksum_verification=True, pre_buffer=False, memory_map=False
    )
    schema = file.schema_arrow
    for field in schema:
        if pa.types.is_nested(field.type) or _kind(field.type) is None:
            raise source.refusal(
                "unknown-format",
                f"column {field.name!r} has type {field.type}; expected text, numbers, booleans or "
                "dates: drop the column or write it as text",
            )
    if len(schema) > MAX_COLUMNS:
        raise source.refusal(
            "too-large", f"{len(schema):,} columns, expected at most {MAX_COLUMNS:,}"
        )
    for group in range(file.num_row_groups):
        size = file.metadata.row_group(group).total_byte_size
        if not 0 <= size <= MAX_GROUP_BYTES:
            raise source.refusal(
                "too-large",
                f"row group {group} unpacks to {size:,} bytes, expected at most "
                f"{MAX_GROUP_BYTES:,}; write the file with smaller row groups",
            )
    return Reading("parquet", None, 1, _batches(source, file, schema, batch_rows))


def _batches(
    source: Source, file: pq.ParquetFile, schema: pa.Schema, batch_rows: int
) -> Iterator[pa.RecordBatch]:
    yield rows_batch(0, SHEET_NAME, [schema.names], 1)
    if not len(schema):
        return
    kinds = [_kind(field.type) or TEXT for field in schema]
    row = 2
    size = max(1, batch_rows // len(schema))
    for batch in file.iter_batches(batch_size=size, use_threads=False):
        try:
            batch.validate(full=True)  # Parquet's reader takes text and indices on trust
        except pa.ArrowInvalid as error:
            raise source.refusal(
                "damaged",
                f"rows {row - 1:,} to {row + batch.num_rows - 2:,} break Arrow's rules ({error}); "
                "copy the file again or write it anew",
            ) from error
        yield columns_batch(0, SHEET_NAME, [_texts(c) for c in batch.columns], kinds, row)
        row += batch.num_rows


def _kind(kind: pa.DataType) -> int | None:
    if isinstance(kind, pa.DictionaryType):
        return _kind(kind.value_type)
    types = pa.types
    if types.is_integer(kind) or types.is_floating(kind) or types.is_decimal(kind):
        return NUMBER
    if types.is_boolean(kind):
        return BOOLEAN
    if types.is_date(kind) or types.is_timestamp(kind) or types.is_time(kind):
        return DATE
    if types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind):
        return TEXT
    return TEXT if types.is_null(kind) else None


def _texts(values: pa.Array) -> pa.Array:
    """One column as text, null where there is no value."""
    kind = values.type
    if isinstance(kind, pa.DictionaryType):
        return _texts(values.dictionary).take(values.indices)
    if pa.types.is_floating(kind):
        texts = number_text(values)
        return pc.if_else(pc.is_nan(values), pa.scalar(None, pa.string()), texts)
    if _kind(kind) == NUMBER:
        return number_text(values)
    if pa.types.is_boolean(kind):
        return pc.if_else(values, "TRUE", "FALSE")
    if pa.types.is_timestamp(kind):
        zoned = values.cast(pa.timestamp(kind.unit))
        return pc.replace_substring_regex(zoned.cast(pa.string()), r"( 00:00:00)?(\.0*)?$", "")
    return values.cast(pa.string())
