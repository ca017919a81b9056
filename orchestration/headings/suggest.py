"""One file staged in a throw-away warehouse, and what to map of it.

Belongs here: staging the file, the questions to the warehouse, remarks. Does not belong here: what a
row says (`rows`).
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orchestration.engine.protocol import Warehouse
from orchestration.engine.warehouse import open_warehouse
from orchestration.fingerprint import file_sha256
from orchestration.headings.likeness import Indicator
from orchestration.headings.rows import Unmapped, city_column_rows, rows_for
from orchestration.landing.inbox import InboxFile, declaration_for, read_declarations
from orchestration.settings import Settings

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


@dataclass(frozen=True)
class Suggestions:
    """Rows for `seeds/heading.csv` (one dict per row, keyed by its columns) and what else to say."""

    rows: tuple[Mapping[str, str], ...]
    remarks: tuple[str, ...]
    has_table: bool


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
        with open_warehouse(built) as connection:
            load_raw(connection, landed, [said] if said else [])
        run_dbt(
            ["build", "--select", "+stg_yearbook__quarantine", "+stg_yearbook__cell_account",
             "resource_type:seed", "--exclude", "resource_type:test", "resource_type:unit_test"],
            warehouse=built, state=settings.state, fingerprint=sha256,
        )  # fmt: skip
        with open_warehouse(built) as connection:
            return _suggestions(connection, relative)


class _Known:
    """What the warehouse knows of indicators, units, scopes and cities."""

    def __init__(self, warehouse: Warehouse) -> None:
        self.labels = [label for (label,) in warehouse.rows(SCOPE_LABELS)]
        self.dimensions: dict[str, str] = dict(warehouse.rows(UNIT_DIMENSIONS))
        self.indicators = [
            Indicator(code, zh, en, dimension, tuple(sorted(keys or ())))
            for code, zh, en, dimension, keys in warehouse.rows(INDICATORS)
        ]
        self.city_names = {alias for (alias,) in warehouse.rows(CITY_NAMES)}
        self.stated = {
            (key, code): (scope, unit) for key, code, scope, unit in warehouse.rows(KNOWN)
        }


class _Answer:
    """Rows and remarks, as they come up."""

    def __init__(self, warehouse: Warehouse, relative: str) -> None:
        self.warehouse, self.relative = warehouse, relative
        self.known = _Known(warehouse)
        self.rows: list[Mapping[str, str]] = []
        self.remarks: list[str] = []
        self.nameless = self.has_table = False

    def headings(self) -> None:
        """A heading under which figures lie that no mapping knows: its rows, or why there are none."""
        for source, key, printed, units, scopes, cells, texts, sheet, first in self.warehouse.rows(
            UNMAPPED
        ):
            heading = Unmapped(
                source, key, printed or "", tuple(units.split(", ")) if units else (),
                tuple(scopes.split(", ")) if scopes else (), cells, tuple(texts), sheet, first,
            )  # fmt: skip
            if key:
                self.rows += rows_for(
                    heading,
                    self.known.indicators,
                    self.known.dimensions,
                    self.known.labels,
                    self.known.stated,
                )
            else:
                self.nameless = True
                self.remarks.append(
                    f"sheet {sheet!r}, from {first} on: {cells} cells without a heading of their own can't"
                    " be mapped; write one into your copy, or take the column out"
                )

    def sheets(self) -> None:
        """A sheet that is unused, of an unknown source, or without a table."""
        unknown = sorted({row["heading_key"] for row in self.rows if row["source_id"] == "unknown"})
        for index, name, source, decision, reason, no_table, _ in self.warehouse.rows(SHEETS):
            if decision == "ignore":
                self.remarks.append(f"sheet {name!r} is declared unused: {reason}")
                continue
            if source == "unknown":
                self.remarks += self._likely_sources(unknown)
            if no_table:
                self._without_table(index, name, source)
            else:
                self.has_table = True

    def _likely_sources(self, unknown: list[str]) -> Iterator[str]:
        yield (
            f"no rule of seeds/source_rule.csv knows {self.relative!r}: add one first, and put its source_id"
            " into the rows instead of unknown"
        )
        for like, fitting in self.warehouse.rows(SOURCES, unknown):
            yield (
                f"{fitting} of {len(unknown)} headings are mapped for {like}: if the file is of that source,"
                f" these need no row; let a row of seeds/source_rule.csv lead to it, or rename the file"
            )

    def _without_table(self, index: Any, name: str, source: str) -> None:
        found = city_column_rows(
            source, self.warehouse.rows(TOP_OF_SHEET, index), self.known.city_names
        )
        self.rows += found
        self.remarks.append(
            f"sheet {name!r}: no table found, because no heading names the cities; "
            + (
                f"{found[0]['heading_key']!r} seems to: map it and ask again for the other headings"
                if found
                else "if it holds one, map the heading of its city column with the role city"
            )
        )


def _suggestions(warehouse: Warehouse, relative: str) -> Suggestions:
    answer = _Answer(warehouse, relative)
    answer.headings()
    headings = len({(row["source_id"], row["heading_key"]) for row in answer.rows})
    answer.sheets()
    if headings:
        answer.remarks.append(f"{headings} headings are not mapped; keep at most one row of each")
    elif answer.has_table and not answer.nameless:
        answer.remarks.append("every heading over figures is mapped: nothing to do")
    return Suggestions(tuple(answer.rows), tuple(dict.fromkeys(answer.remarks)), answer.has_table)
