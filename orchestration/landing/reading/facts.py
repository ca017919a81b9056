"""What a workbook says of its cells beside their values, and what becomes of the cells by it.

Here: formats that show something else than is stored, marks, runs in brackets, hidden rows, columns and sheets.
Not here: finding them in the bytes (`xlsx`, `xls`), what a format means (`number_format`), what a bracket means
(`marks`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import InvalidOperation

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from orchestration.landing.reading.cells import CELL_SCHEMA, KINDS, NUMBER, TEXT
from orchestration.landing.reading.marks import SIGNS, marks_text, read_marks
from orchestration.landing.reading.number_format import show, show_text

_STEP = 2**20  # more than any sheet has columns
Place = tuple[int, int]


@dataclass(frozen=True)
class SheetFacts:
    """Facts of one sheet; places are (row, column) from 0.

    `errors` are error values with their text, which workbook readers give back as blanks; `formats` the codes of
    formats that can show something else; `marks` what holds for whole cells; `texts` texts with their runs in
    brackets, where the reader gives them without.
    """

    errors: Sequence[tuple[int, int, str]] = ()
    formats: Mapping[Place, str] = field(default_factory=dict)
    marks: Mapping[Place, frozenset[str]] = field(default_factory=dict)
    texts: Mapping[Place, str] = field(default_factory=dict)
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    is_hidden: bool = False


NO_FACTS = SheetFacts()


def with_facts(batch: pa.RecordBatch, facts: SheetFacts) -> pa.RecordBatch:
    """The cells of a sheet with what is said of them; brackets in texts are read as well."""
    at = _touched(batch, facts)
    if not len(at):
        return batch
    columns = {name: batch.column(name).to_pylist() for name in _WRITTEN}
    rows = np.asarray(batch.column("row_number"))[at] - 1
    places = zip(
        rows.tolist(), (np.asarray(batch.column("column_number"))[at] - 1).tolist(), strict=True
    )
    for position, place in zip(at.tolist(), places, strict=True):
        _write(columns, position, place, facts)
    return pa.RecordBatch.from_arrays(
        [
            pa.array(columns[name], CELL_SCHEMA.field(name).type) if name in columns else column
            for name, column in zip(CELL_SCHEMA.names, batch.columns, strict=True)
        ],
        schema=CELL_SCHEMA,
    )


_WRITTEN = ("text", "kind", "printed_text", "marks", "number_format", "stored_text")


def _touched(batch: pa.RecordBatch, facts: SheetFacts) -> np.ndarray:
    """Positions of the cells of which something is said."""
    if facts.is_hidden:
        return np.arange(batch.num_rows)
    touched = np.zeros(batch.num_rows, bool)
    rows = np.asarray(batch.column("row_number")).astype(np.int64) - 1
    columns = np.asarray(batch.column("column_number")).astype(np.int64) - 1
    said = [row * _STEP + column for row, column in {*facts.formats, *facts.marks, *facts.texts}]
    if said:
        touched |= np.isin(rows * _STEP + columns, np.array(said, np.int64))
    if facts.hidden_rows:
        touched |= np.isin(rows, np.array(sorted(facts.hidden_rows)))
    if facts.hidden_columns:
        touched |= np.isin(columns, np.array(sorted(facts.hidden_columns)))
    for sign in SIGNS:
        touched |= np.asarray(pc.match_substring(batch.column("text"), sign))
    return np.flatnonzero(touched)


def _write(columns: dict[str, list[str | None]], at: int, place: Place, facts: SheetFacts) -> None:
    text = facts.texts.get(place, columns["text"][at] or "")
    marks = set(facts.marks.get(place, ()))
    if any(sign in text for sign in SIGNS):
        marked = read_marks(text)
        text = marked.text
        columns["printed_text"][at] = marked.printed_text
        marks |= marked.marks
    columns["text"][at] = text
    code = facts.formats.get(place)
    if code is not None and columns["kind"][at] in (KINDS[NUMBER], KINDS[TEXT]):
        try:
            is_number = columns["kind"][at] == KINDS[NUMBER]
            shown = show(code, text) if is_number else show_text(code, text)
        except InvalidOperation:  # infinite, or no number
            shown = None
        if shown and (shown.is_hidden or shown.text != text):
            columns["text"][at], columns["stored_text"][at] = shown.text, text
            columns["number_format"][at] = code
            if is_number and not shown.is_number:
                columns["kind"][at] = KINDS[TEXT]
            if shown.is_hidden:
                marks.add("hidden")
    marks |= {
        name
        for name, holds in (
            ("hidden_row", place[0] in facts.hidden_rows),
            ("hidden_column", place[1] in facts.hidden_columns),
            ("hidden_sheet", facts.is_hidden),
        )
        if holds
    }
    columns["marks"][at] = marks_text(marks)
