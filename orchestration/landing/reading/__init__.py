"""Reading yearbook files: the bytes of a file to cells as printed, nothing interpreted.

Here: the interface (`read_file`, `iter_cells`, `open_cells`). Below it, `families` recognises the
content and one module per family reads it: `xlsx`, `xls` (plain and encrypted), `html`,
`delimited`, `stata`, `parquet`. Not here: what a cell means (dbt staging), and storing cells (the
raw layer).

Every failure is an `UnreadableFile`; no other exception leaves this package.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from orchestration.landing.reading.cells import CELL_SCHEMA, KINDS, MergedArea, Reading
from orchestration.landing.reading.errors import REASONS, UnreadableFile
from orchestration.landing.reading.families import read_source
from orchestration.landing.reading.source import Source

__all__ = [
    "CELL_SCHEMA",
    "KINDS",
    "REASONS",
    "CellStream",
    "FileFacts",
    "MergedArea",
    "UnreadableFile",
    "iter_cells",
    "open_cells",
    "read_file",
]

BATCH_ROWS = 500_000
_GARBLED = ("\ufffd", "\0", "锟斤拷")
"""Lost characters; the last is what GB18030 makes of two of the first."""


@dataclass(frozen=True)
class FileFacts:
    """What identifies a file and what was found in it.

    `media_kind` is 'xlsx', 'xlsx-encrypted', 'xls', 'xls-encrypted', 'html', 'csv', 'dta' or
    'parquet'; `encoding` is that of text, None where the format fixes it; sheets without cells
    count, blank cells don't.
    """

    sha256: str
    byte_size: int
    media_kind: str
    encoding: str | None
    sheet_count: int
    cell_count: int
    merged_areas: tuple[MergedArea, ...] = ()


class CellStream:
    """The cells of one file, batch by batch, and its facts once all were taken.

    A failure can come in the middle: what was taken before belongs to a file that is refused.
    """

    def __init__(self, path: Path, batch_rows: int = BATCH_ROWS) -> None:
        self._path = Path(path)
        self._batch_rows = batch_rows
        self._cells = 0
        self._done = False
        with _refusing(self._path):
            self._source = Source(self._path)
            self._reading: Reading = read_source(self._source, batch_rows)

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        batches = iter(self._reading.batches)
        while True:
            with _refusing(self._path):
                batch = next(batches, None)
            if batch is None:
                break
            self._refuse_garbled(batch)
            self._cells += batch.num_rows
            for start in range(0, batch.num_rows, self._batch_rows):
                yield batch.slice(start, self._batch_rows)
        if not self._cells:
            raise self._source.refusal(
                "no-cells", "no cell has content; expected a table: check that the file is saved"
            )
        self._done = True

    def _refuse_garbled(self, batch: pa.RecordBatch) -> None:
        """A replacement character stands where a byte was no character: what it was nobody knows."""
        texts = batch.column("text")
        for sign in _GARBLED:
            at = pc.index(pc.match_substring(texts, sign), True).as_py()
            if at >= 0:
                sheet, row, column = (
                    batch.column(name)[at].as_py()
                    for name in ("sheet_name", "row_number", "column_number")
                )
                raise self._source.refusal(
                    "encoding",
                    f"sheet {sheet!r}, row {row}, column {column}: the text "
                    f"{texts[at].as_py()[:40]!r} has characters that were lost when it was decoded; "
                    "get the file anew, or type the cell off the page",
                )

    @property
    def facts(self) -> FileFacts:
        """Facts of the file; only after all batches were taken."""
        if not self._done:
            raise RuntimeError("take all batches first: the number of cells isn't known before")
        return FileFacts(
            self._source.sha256,
            self._source.byte_size,
            self._reading.media_kind,
            self._reading.encoding,
            self._reading.sheet_count,
            self._cells,
            tuple(self._reading.merged_areas),
        )


@contextmanager
def _refusing(path: Path) -> Iterator[None]:
    """Turn whatever goes wrong inside into `UnreadableFile`."""
    try:
        yield
    except (UnreadableFile, KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except MemoryError as error:
        raise UnreadableFile(
            "too-large",
            f"{path}: memory ran out while reading; split the file, or save it as Parquet or CSV",
        ) from error
    except BaseException as error:  # a panic of calamine is no Exception
        raise UnreadableFile(
            "damaged",
            f"{path}: the content can't be read ({type(error).__name__}: {str(error)[:200]}); "
            "expected an intact file: copy or download it again, or open and save it anew",
        ) from error


def open_cells(path: Path, batch_rows: int = BATCH_ROWS) -> CellStream:
    """Open a file for reading batch by batch, with its facts at the end.

    Raises `UnreadableFile` here or while the batches are taken.
    """
    return CellStream(path, batch_rows)


def iter_cells(path: Path, batch_rows: int = BATCH_ROWS) -> Iterator[pa.RecordBatch]:
    """The cells of a file in the order sheet, row, column, at most `batch_rows` per batch.

    Memory stays flat for Parquet, Stata and CSV; workbooks and web pages are read whole. Raises
    `UnreadableFile`, possibly after some batches.
    """
    yield from CellStream(path, batch_rows)


def read_file(path: Path) -> tuple[FileFacts, pa.Table]:
    """Facts and all cells (`CELL_SCHEMA`; order sheet, row, column) of one file.

    Raises `UnreadableFile`.
    """
    stream = CellStream(path)
    table = pa.Table.from_batches(list(stream), CELL_SCHEMA)
    return stream.facts, table
