"""A file that takes long says how far it is, while it is read and while its cells are taken over."""

import logging
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from orchestration import progress
from orchestration.engine.warehouse import open_warehouse
from orchestration.landing import store as landing
from orchestration.landing.inbox import list_files
from orchestration.landing.reading import CellStream

ROWS, COLUMNS, BATCH_ROWS = 5_000, 2, 100
PAUSE = 0.002
"""Seconds per batch: the file takes a hundred times as long, the line comes every ten batches."""


class SlowStream(CellStream):
    """The cells of a file from a slow disk."""

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        for batch in super().__iter__():
            time.sleep(PAUSE)
            yield batch


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What a refresh says, which it does every ten batches."""
    monkeypatch.setattr(progress, "SILENCE", 10 * PAUSE)
    messages: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: messages.append(record.getMessage())  # type: ignore[method-assign]
    level = progress.log.level
    progress.log.addHandler(handler)
    progress.log.setLevel(logging.INFO)
    yield messages
    progress.log.removeHandler(handler)
    progress.log.setLevel(level)


def test_rows_read_so_far(tmp_path: Path, said: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "inbox").mkdir()
    numbers = pa.array(range(ROWS))
    pq.write_table(pa.table({"a": numbers, "b": numbers}), tmp_path / "inbox" / "long.parquet")
    monkeypatch.setattr(landing, "open_cells", lambda path: SlowStream(path, BATCH_ROWS))
    landed = landing.land(list_files(tmp_path / "inbox"), tmp_path / "cells")
    assert [file.status for file in landed] == ["loaded"]
    pattern = r"  … long\.parquet: ([0-9,]+) rows, ([0-9,]+) cells read"
    found = [match for text in said if (match := re.fullmatch(pattern, text))]
    rows = [int(match[1].replace(",", "")) for match in found]
    assert len(rows) >= 3
    assert rows == sorted(rows)
    assert 0 < rows[-1] <= ROWS + 1
    for match, row in zip(found, rows, strict=True):
        assert abs(int(match[2].replace(",", "")) - COLUMNS * row) <= BATCH_ROWS


def test_cells_taken_into_the_warehouse(tmp_path: Path, said: list[str]) -> None:
    (tmp_path / "inbox").mkdir()
    numbers = pa.array(range(300_000))
    pq.write_table(pa.table({"a": numbers, "b": numbers}), tmp_path / "inbox" / "long.parquet")
    landed = landing.land(list_files(tmp_path / "inbox"), tmp_path / "cells")
    said.clear()
    with open_warehouse(tmp_path / "warehouse.duckdb") as connection:
        landing.load_raw(connection, landed, [])
        assert connection.row("select count(*) from raw.yearbook_cell") == (600_002,)
    assert [text for text in said if "of 600,002 cells taken into the warehouse" in text]


def test_a_quick_step_says_nothing(said: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "SILENCE", 60.0)
    begun = time.perf_counter()
    with progress.told(lambda: "far"):
        pass
    assert said == []
    assert time.perf_counter() - begun < progress.SILENCE / 2, "it waits for its own teller"


class LateStream(CellStream):
    """The cells of a workbook that is opened whole before its first row."""

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        time.sleep(25 * PAUSE)
        yield from super().__iter__()


def test_no_row_yet_is_said_so(
    tmp_path: Path, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "inbox").mkdir()
    pq.write_table(pa.table({"a": [1], "b": [2]}), tmp_path / "inbox" / "long.parquet")
    monkeypatch.setattr(landing, "open_cells", lambda path: LateStream(path, BATCH_ROWS))
    landing.land(list_files(tmp_path / "inbox"), tmp_path / "cells")
    assert "  … long.parquet: being opened, no row yet" in said
    assert not any("0 rows" in text for text in said)
