"""The printed numbers of a paper, by column and term of the table that stands beside them.

Belongs here: finding what was printed, and the footnotes on it. Does not belong here: the table
(`build`), the numbers themselves (seeds of published tables).
"""

from typing import Any

import pandas as pd

from analysis.report.data import records
from analysis.typeset.numbers import is_missing
from analysis.typeset.texts import _

Record = dict[str, Any]


def of_paper(frame: pd.DataFrame, paper_id: Any, table_no: Any) -> pd.DataFrame:
    """Rows of a printed table."""
    mine = (frame["paper_id"] == paper_id) & (frame["table_no"].map(key_of) == key_of(table_no))
    return frame[mine]


def key_of(value: Any) -> str:
    """Compare 2, 2.0 and '2' as the same number of a table or column."""
    if is_missing(value):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def by_column_and_term(published: pd.DataFrame) -> dict[tuple[str, str], Record]:
    """Printed coefficients by column and term."""
    return {(key_of(r["column_no"]), str(r["term"])): r for r in records(published)}


def odd_errors(printed: dict[tuple[str, str], Record], labels: dict[str, str]) -> tuple[str, ...]:
    """Name the standard errors printed where the rest of the table prints t values."""
    return tuple(
        _(
            "Column ({column}) prints a standard error, {error}, for {term} where other columns"
            " print a t value."
        ).format(column=column, error=r["std_error_printed"], term=labels[term].lower())
        for (column, term), r in printed.items()
        if is_missing(r["t_value"]) and not is_missing(r["std_error_printed"])
    )


def footnotes(
    notes: pd.DataFrame | None,
) -> tuple[tuple[tuple[str, str], ...], tuple[str, ...], dict[str, str]]:
    """Give letters to notes on columns; the same text on two columns shares a letter.

    Returns:
        (letter, text) of each note, notes on the whole table, and the letters by column.
    """
    if notes is None:
        return (), (), {}
    letters: dict[str, str] = {}
    marks: dict[str, str] = {}
    whole: list[str] = []
    for r in records(notes):
        text = str(r["note"])
        if is_missing(r["column_no"]):
            whole.append(text)
            continue
        letter = letters.setdefault(text, _letter(len(letters)))
        column = key_of(r["column_no"])
        marks[column] = ", ".join(filter(None, [marks.get(column, ""), letter]))
    return tuple((letter, text) for text, letter in letters.items()), tuple(whole), marks


def _letter(index: int) -> str:
    """Return a, b, ..., z, aa, ab, ..."""
    text = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        text = chr(ord("a") + rest) + text
    return text
