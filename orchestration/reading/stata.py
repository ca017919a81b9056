"""Stata data sets (.dta), versions 10 to 19, through pandas.

Here: names, labels and values laid out as cells. Row 1 has the names of the variables; row 2 has
their labels and stays reserved where there are none; data begin in row 3. A value with a value label
prints as its label. Not here: other columnar files (`parquet`).
"""

import codecs
import io
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from orchestration.reading.cells import (
    DATE,
    NUMBER,
    TEXT,
    Reading,
    columns_batch,
    date_text,
    number_text,
    rows_batch,
)
from orchestration.reading.source import Source

SHEET_NAME = "dta"
MAX_CELLS = 50_000_000
_FIRST_DATA_ROW = 3


def is_stata(head: bytes) -> bool:
    """Whether bytes begin as a Stata data set does (format 117 and later, or 105 to 115)."""
    if head.startswith(b"<stata_dta>"):
        return True
    return len(head) > 109 and 104 < head[0] < 116 and head[1] in (1, 2) and head[2:4] == b"\1\0"


def read(source: Source, batch_rows: int) -> Reading:
    """The cells of a Stata data set, in batches of about `batch_rows` cells."""
    content = source.data
    if content.startswith(b"<stata_dta>") and b"</stata_dta>" not in content[-64:]:
        raise source.refusal(
            "truncated", "the data set has no end; it was cut off: copy it again or save it anew"
        )
    reader = pd.read_stata(io.BytesIO(content), iterator=True, convert_categoricals=False)
    names = reader.variable_labels()
    # pandas gives 105 to 115 back byte by byte as Latin-1, whatever the writer's code page was.
    old = not content.startswith(b"<")
    encoding = _encoding_of_old(source, content) if old else "utf-8"
    recode: Callable[[str], str] = _recoder(encoding) if old else str
    value_labels = {
        variable: {code: recode(label) for code, label in labels.items()}
        for variable, labels in _labels_by_variable(reader).items()
    }
    return Reading("dta", encoding, 1, _batches(source, reader, names, value_labels, recode, batch_rows))


def _encoding_of_old(source: Source, content: bytes) -> str:
    # Strings are NUL-padded among binary numbers, so the file can't be decoded as a whole: texts
    # are decoded one by one, and the first that isn't UTF-8 decides for GB18030.
    return "gb18030"


def _recoder(encoding: str) -> Callable[[str], str]:
    def recode(text: str) -> str:
        return text if text.isascii() else codecs.decode(text.encode("latin-1"), encoding)

    return recode


def _labels_by_variable(reader: Any) -> dict[str, dict[Any, str]]:
    # Which variable uses which set of labels is not public in pandas (version pinned, tested).
    sets = reader.value_labels()
    return {
        variable: sets[label]
        for variable, label in zip(reader._varlist, reader._lbllist, strict=True)
        if label in sets
    }


def _batches(
    source: Source,
    reader: Any,
    names: dict[str, str],
    value_labels: dict[str, dict[Any, str]],
    recode: Callable[[str], str],
    batch_rows: int,
) -> Iterator[pa.RecordBatch]:
    raise NotImplementedError
