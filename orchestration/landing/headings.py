"""Suggesting rows of `seeds/heading.csv` for what a file prints and no mapping knows.

Belongs here: staging one file in a throw-away warehouse, and ranking indicators by the likeness of
names. Does not belong here: applying a mapping (a person pastes the row they chose), resolving
headings (dbt staging), reading files (`reading`).
"""

from __future__ import annotations

import csv
import io
import re
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orchestration.engine import warehouse
from orchestration.engine.protocol import Warehouse
from orchestration.fingerprint import file_sha256
from orchestration.landing.inbox import InboxFile, declaration_for, read_declarations
from orchestration.settings import REPO, Settings

SEED = REPO / "seeds" / "heading.csv"

SUGGESTIONS = 3
OTHER_DIMENSION = 0.6  # a unit that can't be converted into the indicator's nearly rules it out
CERTAIN = 100.0  # the heading is a name of the indicator
PART_OF_NAME = 0.9  # a name inside a longer heading is likely, the same name is certain
TRANSLATION = 0.95  # English words are a translation of the heading, not the heading
SHORTEST_PART = 4  # characters; shorter names stand inside nearly everything
KEY_SHARE = 0.9  # of the texts of a column that must look like years to say that it holds them
FIGURES_SHARE = 0.5  # with fewer numbers a column holds words
LOOKED_AT_ROWS = 60  # of a sheet without a table; city names start higher up

UNMAPPED = """
select
    source_id,
    heading_key,
    arg_min(heading_printed, cell_id) as heading_printed,
    string_agg(distinct unit_printed, ', ' order by unit_printed) as units,
    string_agg(distinct scope, ', ' order by scope) as scopes,
    count(*) as cells,
    list(value_text order by cell_id)[:200] as texts,
    arg_min(sheet_name, cell_id) as sheet_name,
    split_part(min(cell_id), '!', 3) as first_cell
from staging.stg_yearbook__quarantine
where reason = 'unknown_heading'
group by source_id, heading_key
order by min(cell_id)
"""

SHEETS = """
select
    sheet.sheet_index,
    sheet.sheet_name,
    sheet.source_id,
    sheet.decision,
    sheet.reason,
    coalesce(bool_or(account.cell_class = 'no_table'), false) as has_no_table,
    coalesce(sum(account.cells) filter (where account.cell_class in ('value', 'quarantined')), 0) as figures
from staging.stg_yearbook__sheet as sheet
left join staging.stg_yearbook__cell_account as account using (file_key, sheet_index)
group by all
order by sheet.sheet_index
"""

TOP_OF_SHEET = f"""
select row_number, column_number, text
from raw.yearbook_cell
where sheet_index = ? and row_number <= {LOOKED_AT_ROWS} and kind = 'text'
order by row_number, column_number
"""

CITY_NAMES = "select alias from seed.city_alias"
SCOPE_LABELS = "select label_key from seed.scope_label"
UNIT_DIMENSIONS = "select unit_key, dimension from seed.unit"
KNOWN = """
select heading_key, indicator_code, any_value(scope), any_value(unit)
from seed.heading
where role = 'value'
group by heading_key, indicator_code
having count(distinct coalesce(scope, '')) = 1 and count(distinct coalesce(unit, '')) = 1
"""
SOURCES = """
select source_id, count(distinct heading_key) as headings
from seed.heading
where source_id <> '*' and list_contains(?, heading_key)
group by source_id
order by headings desc, source_id
limit 1
"""
INDICATORS = """
select
    indicator.indicator_code,
    indicator.name_zh,
    indicator.name_en,
    unit.dimension,
    list(distinct heading.heading_key) filter (where heading.heading_key is not null) as heading_keys
from seed.indicator as indicator
left join seed.unit as unit on indicator.unit = unit.unit_key
left join seed.heading as heading on indicator.indicator_code = heading.indicator_code
where indicator.kind = 'printed'
group by all
order by indicator.indicator_code
"""

HAN = re.compile(r"[\u3400-\u9fff]")
BRACKETS = re.compile(r"\([^()]*\)|（[^（）]*）")
YEAR = re.compile(r"(19|20)[0-9]{2}年?")
NUMBER = re.compile(r"[+-]?[0-9][0-9,]*(\.[0-9]+)?([eE][+-]?[0-9]+)?%?")


@dataclass(frozen=True)
class Indicator:
    """What an indicator is called: in the dictionary and on pages that are mapped already."""

    code: str
    name_zh: str
    name_en: str
    dimension: str | None
    heading_keys: tuple[str, ...] = ()


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


@dataclass(frozen=True)
class Candidate:
    """An indicator that a heading may mean; `score` from 0 to 100, `likeness` the name that is alike."""

    indicator: Indicator
    score: float
    likeness: str


@dataclass(frozen=True)
class Suggestions:
    """Rows for `seeds/heading.csv` (one dict per row, keyed by its columns) and what else to say."""

    rows: tuple[Mapping[str, str], ...]
    remarks: tuple[str, ...]
    has_table: bool


def text_key(text: str) -> str:
    """A text as staging compares it: half-width, small letters, no white space."""
    wide = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
    return re.sub(r"[\s\u00a0\u3000\u200b\ufeff]+", "", text.translate(wide)).lower()


def english_words(heading_printed: str, scope_labels: Iterable[str] = ()) -> str:
    """The translation in a printed heading path: lines without Chinese, units and scopes left out."""
    labels = set(scope_labels)
    words = []
    for part in heading_printed.split(" / "):
        lines = re.split(r"[\r\n]+", part)
        if any(text_key(line) in labels for line in lines) or text_key(part) in labels:
            continue
        words += [line for line in lines if not HAN.search(line)]
    return " ".join(BRACKETS.sub(" ", " ".join(words)).split())


def _likeness(heading_key: str, english: str, indicator: Indicator) -> tuple[float, str]:
    """How alike a heading and an indicator's names are, 0 to 100, and the name that is most alike."""
    from rapidfuzz import fuzz, utils

    best = (0.0, "")
    parts = {heading_key, *heading_key.split("/")} - {""}
    names = dict.fromkeys(
        (*indicator.heading_keys, indicator.name_zh, text_key(indicator.name_en), indicator.code)
    )
    for name in names:
        for part in parts:
            score = fuzz.ratio(part, name)
            if min(len(part), len(name)) >= SHORTEST_PART:
                score = max(score, PART_OF_NAME * fuzz.partial_ratio(part, name))
            best = max(best, (score, name))
    if english:
        score = TRANSLATION * fuzz.token_sort_ratio(
            english, indicator.name_en, processor=utils.default_process
        )
        best = max(best, (score, indicator.name_en))
    return best


def candidates(
    heading_key: str,
    english: str,
    dimensions: Iterable[str],
    indicators: Iterable[Indicator],
    limit: int = SUGGESTIONS,
) -> list[Candidate]:
    """The indicators whose names are most like a heading, best first, ties by code.

    `dimensions` are those of the units that the page prints; an indicator of another dimension
    loses much of its score.
    """
    printed = set(dimensions)
    found = []
    for indicator in indicators:
        score, name = _likeness(heading_key, english, indicator)
        if printed and indicator.dimension not in printed:
            score *= OTHER_DIMENSION
        found.append(Candidate(indicator, score, name))
    return sorted(found, key=lambda one: (-one.score, one.indicator.code))[:limit]


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


def path_in_inbox(path: Path, settings: Settings) -> str:
    """The path by which source rules would know a file: inside the inbox, else with its folder's name."""
    resolved = path.resolve()
    if resolved.is_relative_to(settings.input_folder):
        return resolved.relative_to(settings.input_folder).as_posix()
    return "/".join(part for part in (resolved.parent.name, resolved.name) if part)


def suggest(path: Path, settings: Settings, known_as: str | None = None) -> Suggestions:
    """Rows for all that a file prints and no mapping knows; nothing is changed anywhere.

    `known_as` is the path that the file has, or will have, in the inbox. Raises `UnreadableFile`.
    """
    from orchestration.landing.reading import UnreadableFile
    from orchestration.landing.store import land, load_raw
    from orchestration.refresh.dbt_runner import BUILT_FILE, run_dbt

    try:
        sha256 = file_sha256(path)
    except OSError as error:
        raise UnreadableFile(
            "no-file", f"{path}: {error.strerror}; give a yearbook file"
        ) from error
    relative = known_as or path_in_inbox(path, settings)
    declared = read_declarations(settings.input_folder) if settings.input_folder.is_dir() else []
    said = declaration_for(relative, declared)
    with tempfile.TemporaryDirectory(prefix="citypanel-") as folder:
        landed = land([InboxFile(path, relative, sha256)], Path(folder) / "cells")
        if landed[0].status == "refused":
            raise UnreadableFile(str(landed[0].reason_code), str(landed[0].reason))
        built = Path(folder) / BUILT_FILE
        with warehouse.open_warehouse(built) as connection:
            load_raw(connection, landed, [said] if said else [])
        run_dbt(
            ["build", "--select", "+stg_yearbook__quarantine", "+stg_yearbook__cell_account",
             "resource_type:seed", "--exclude", "resource_type:test", "resource_type:unit_test"],
            warehouse=built, state=settings.state, fingerprint=sha256,
        )  # fmt: skip
        with warehouse.open_warehouse(built) as connection:
            return _suggestions(connection, relative)


def _suggestions(connection: Warehouse, relative: str) -> Suggestions:
    def ask(query: str, *parameters: Any) -> list[tuple[Any, ...]]:
        return connection.rows(query, *parameters)

    labels = [label for (label,) in ask(SCOPE_LABELS)]
    dimensions = dict(ask(UNIT_DIMENSIONS))
    indicators = [
        Indicator(code, zh, en, dimension, tuple(sorted(keys or ())))
        for code, zh, en, dimension, keys in ask(INDICATORS)
    ]
    city_names = {alias for (alias,) in ask(CITY_NAMES)}
    known = {(key, code): (scope, unit) for key, code, scope, unit in ask(KNOWN)}
    rows: list[Mapping[str, str]] = []
    remarks = []
    nameless = False
    for source, key, printed, units, scopes, cells, texts, sheet, first in ask(UNMAPPED):
        heading = Unmapped(
            source, key, printed or "", tuple(units.split(", ")) if units else (),
            tuple(scopes.split(", ")) if scopes else (), cells, tuple(texts), sheet, first,
        )  # fmt: skip
        if key:
            rows += rows_for(heading, indicators, dimensions, labels, known)
        else:
            nameless = True
            remarks.append(
                f"sheet {sheet!r}, from {first} on: {cells} cells without a heading of their own can't be"
                " mapped; write one into your copy, or take the column out"
            )
    headings = len({(row["source_id"], row["heading_key"]) for row in rows})
    keys = sorted({row["heading_key"] for row in rows if row["source_id"] == "unknown"})
    has_table = False
    for index, name, source, decision, reason, no_table, _ in ask(SHEETS):
        if decision == "ignore":
            remarks.append(f"sheet {name!r} is declared unused: {reason}")
            continue
        if source == "unknown":
            remarks.append(
                f"no rule of seeds/source_rule.csv knows {relative!r}: add one first, and put its source_id"
                " into the rows instead of unknown"
            )
            for like, fitting in ask(SOURCES, keys):
                remarks.append(
                    f"{fitting} of {len(keys)} headings are mapped for {like}: if the file is of that source,"
                    f" these need no row; let a row of seeds/source_rule.csv lead to it, or rename the file"
                )
        if not no_table:
            has_table = True
            continue
        found = city_column_rows(source, ask(TOP_OF_SHEET, index), city_names)
        rows += found
        remarks.append(
            f"sheet {name!r}: no table found, because no heading names the cities; "
            + (
                f"{found[0]['heading_key']!r} seems to: map it and ask again for the other headings"
                if found
                else "if it holds one, map the heading of its city column with the role city"
            )
        )
    if headings:
        remarks.append(f"{headings} headings are not mapped; keep at most one row of each")
    elif has_table and not nameless:
        remarks.append("every heading over figures is mapped: nothing to do")
    return Suggestions(tuple(rows), tuple(dict.fromkeys(remarks)), has_table)
