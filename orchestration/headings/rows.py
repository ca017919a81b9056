"""Rows of `seeds/heading.csv` for a heading, and for a city column, that no mapping knows.

Belongs here: what such a row says. Does not belong here: ranking (`likeness`), asking a warehouse
(`suggest`).
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from orchestration.headings.likeness import (
    CERTAIN,
    Indicator,
    candidates,
    english_words,
    text_key,
)
from orchestration.settings import REPO

SEED = REPO / "seeds" / "heading.csv"

KEY_SHARE = 0.9  # of the texts of a column that must look like years to say that it holds them
FIGURES_SHARE = 0.5  # with fewer numbers a column holds words
YEAR = re.compile(r"(19|20)[0-9]{2}年?")
NUMBER = re.compile(r"[+-]?[0-9][0-9,]*(\.[0-9]+)?([eE][+-]?[0-9]+)?%?")


@dataclass(frozen=True)
class Unmapped:
    """A heading under which figures lie that no mapping knows.

    `units` and `scopes` are those that the page prints for it; `texts` the first cells below it.
    """

    source_id: str
    heading_key: str
    heading_printed: str
    units: tuple[str, ...]
    scopes: tuple[str, ...]
    cells: int
    texts: tuple[str, ...]
    sheet_name: str
    first_cell: str


def _share(texts: Sequence[str], pattern: re.Pattern[str]) -> float:
    return sum(bool(pattern.fullmatch(text_key(text))) for text in texts) / max(len(texts), 1)


def _row(
    source_id: str,
    heading_key: str,
    role: str,
    note: str,
    indicator: str = "",
    scope: str = "",
    unit: str = "",
) -> dict[str, str]:
    return {
        "source_id": source_id,
        "heading_key": heading_key,
        "role": role,
        "indicator_code": indicator,
        "scope": scope,
        "unit": unit,
        "note": note,
    }


def rows_for(
    heading: Unmapped,
    indicators: Sequence[Indicator],
    dimensions: Mapping[str, str],
    scope_labels: Iterable[str],
    known: Mapping[tuple[str, str], tuple[str | None, str | None]] | None = None,
) -> list[dict[str, str]]:
    """Rows for one heading: indicators by likeness, or the role of a column without figures.

    `scope` and `unit` stay empty where the page prints them: staging takes them from the page, and
    a row that states them would override every other page as well. `known` holds what rows of other
    sources state for (heading, indicator): the same heading takes it over, its unit only where the
    page prints none. The very name of an indicator is offered alone.
    """
    source, key = heading.source_id, heading.heading_key
    if _share(heading.texts, YEAR) >= KEY_SHARE:
        return [_row(source, key, "year", f"years, as {heading.texts[0]}")]
    if _share(heading.texts, NUMBER) < FIGURES_SHARE:
        return [
            _row(source, key, "ignore", f"words, as {heading.texts[0]!r}; say why it is not wanted")
        ]
    printed = "; ".join(
        (
            "unit printed: "
            + (", ".join(heading.units) or "none known; take or add one in seeds/unit.csv"),
            "scope: " + ", ".join(heading.scopes),
        )
    )
    ranked = candidates(
        key,
        english_words(heading.heading_printed, scope_labels),
        (dimensions[unit] for unit in heading.units if unit in dimensions),
        indicators,
    )
    same = [one for one in ranked if one.score >= CERTAIN]
    rows = []
    for rank, one in enumerate(same or ranked, start=1):
        scope, unit = (known or {}).get((key, one.indicator.code), (None, None))
        choice = (
            f"{rank} of {len(ranked)}, keep one" if len(same or ranked) > 1 else "check that it is"
        )
        rows.append(
            _row(
                source, key, "value",
                f"score {one.score:.0f} by {one.likeness}; {printed}; {choice}",
                one.indicator.code, scope or "", "" if heading.units else unit or "",
            )
        )  # fmt: skip
    return rows


def city_column_rows(
    source_id: str, cells: Iterable[tuple[int, int, str]], city_names: set[str]
) -> list[dict[str, str]]:
    """A row that names the city column of a sheet in which no table was found, if cities are in it.

    `cells` are (row, column, text), from 1. The heading is the last text above the first city.
    """
    columns: dict[int, list[tuple[int, str]]] = {}
    for row, column, text in cells:
        columns.setdefault(column, []).append((row, text))
    cities = Counter(
        {
            column: sum(text_key(text) in city_names for _, text in texts)
            for column, texts in columns.items()
        }
    )
    if not cities:
        return []
    column, count = cities.most_common(1)[0]
    if count < 2:
        return []
    texts = columns[column]
    first = next(row for row, text in texts if text_key(text) in city_names)
    above = [text for row, text in texts if row < first]
    if not above:
        return []
    return [
        _row(source_id, text_key(above[-1]), "city", f"{count} names below it are cities: check it")
    ]


def as_csv(rows: Iterable[Mapping[str, str]]) -> str:
    """Rows as they stand in the seed, in the order of its columns, without its heading."""
    with SEED.open(encoding="utf-8", newline="") as file:
        columns = next(csv.reader(file))
    text = io.StringIO()
    csv.DictWriter(text, columns, restval="", lineterminator="\n").writerows(rows)
    return text.getvalue()
