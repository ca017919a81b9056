"""From a cell's id to its page, and on to what became of it.

Belongs here: the file, sheet, address and text of one cell, its row as printed, and whether it was released,
passed over, set aside or is no figure. Does not belong here: the way from a number down to its cells (`figures`).

A cell id is file!sheet!address, as `d53082f0d1fb!0!R298`: quarantine, warnings and figures carry it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

from orchestration.engine.protocol import UnknownName, Warehouse
from orchestration.engine.warehouse import open_release
from orchestration.errors import NotFound
from orchestration.trace.figures import LEFT_OUT
from orchestration.trace.number import row, rows

CELL_ID = re.compile(r"(?P<file>[^!\s]+)!(?P<sheet>\d+)!(?P<column>[A-Za-z]{1,3})(?P<row>[1-9]\d*)")
RUNBOOK = 'docs/annual-update.md, "Quarantine"'
WIDEST_ROW = 8
"""Cells of the row that are shown on either side of the cell."""

FILE = """
select file_key, relative_path, sha256, status, declared_publisher
from raw.yearbook_file
where file_key = ?
"""
CELL = """
select sheet_name, text, printed_text, number_format, stored_text, marks
from raw.yearbook_cell
where file_key = ? and sheet_index = ? and row_number = ? and column_number = ?
"""
BESIDE = """
select column_number, text
from raw.yearbook_cell
where file_key = ? and sheet_index = ? and row_number = ? and (abs(column_number - ?) <= ? or column_number <= 2)
order by column_number
"""
SHEET = """
select sheet_name, source_id, decision, reason, edition
from staging.stg_yearbook__sheet
where file_key = ? and sheet_index = ?
"""
EXTENT = """
select min(sheet_name) as sheet_name, max(row_number) as last_row, max(column_number) as last_column
from raw.yearbook_cell
where file_key = ? and sheet_index = ?
having count(*) > 0
"""
SET_ASIDE = """
select reason, city_name_printed, statistic_year, heading_printed, indicator_code, scope, unit_printed
from {table}
where cell_id = ?
"""
OBSERVATION = """
select city_name_printed, statistic_year, heading_printed, indicator_code, scope, unit_printed, unit_factor,
    value_in_unit, unit
from staging.stg_yearbook__observation
where cell_id = ?
"""
PLACED = """
select city_code, year, indicator_code, scope
from intermediate.int_city_year__observation
where cell_id = ?
"""
RELEASED = """
select value, unit, value_kind, cell_id, source_id, edition
from marts.indicator_value
where city_code = ? and year = ? and indicator_code = ? and scope = ?
"""
MERGED = """
select into_city_code, outcome
from intermediate.int_city_year__merger
where cell_id = ? and outcome <> 'added'
"""
ADDED = """
select into_city_code
from intermediate.int_city_year__merger
where cell_id = ? and outcome = 'added'
"""
ON_THE_PAGE = """
select block.block_row, block.heading_end_row, heading.role, heading.heading_printed, page_row.is_data
from staging.stg_yearbook__block as block
left join staging.stg_yearbook__heading as heading
    on block.file_key = heading.file_key and block.sheet_index = heading.sheet_index
        and block.block_row = heading.block_row and heading.column_number = $4
left join staging.stg_yearbook__row as page_row
    on block.file_key = page_row.file_key and block.sheet_index = page_row.sheet_index and page_row.row_number = $3
where block.file_key = $1 and block.sheet_index = $2 and $3 between block.block_row and block.end_row
"""
TABLES = """
select count(*) as tables, min(block_row) as first_row
from staging.stg_yearbook__block
where file_key = ? and sheet_index = ?
"""
MOVED = """
select 1 as moved
from staging.stg_yearbook__region
where file_key = $1 and sheet_index = $2 and $3 between first_row and last_row
    and $4 between first_column and last_column
"""


def is_cell_id(text: str) -> bool:
    """Whether what was asked for is the id of a cell, and not a city."""
    return "!" in text


def cell_lines(warehouse: Path, cell_id: str) -> Iterator[str]:
    """A cell and what became of it, a line per step.

    Args:
        warehouse: DuckDB file of a release, or the unfinished one of a refresh that stopped.
        cell_id: As quarantine, warnings and figures have it.

    Raises:
        NotFound: For text that is no cell id, and for a file, sheet or cell that the warehouse doesn't have.
    """
    found = CELL_ID.fullmatch(cell_id.strip())
    if found is None:
        raise NotFound(
            f"{cell_id!r} is no cell id: expected file!sheet!address, as d53082f0d1fb!0!R298 (in a shell in"
            " single quotes)"
        )
    column = _column_number(found["column"])
    place = (found["file"], int(found["sheet"]), int(found["row"]), column)
    key = f"{found['file']}!{place[1]}!{found['column'].upper()}{place[2]}"
    with open_release(warehouse) as connection:
        yield from _page(connection, key, place)
        yield from _outcome(connection, key, place)


def _column_number(letters: str) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


Place = tuple[str, int, int, int]
"""File, sheet, row and column of a cell."""


def _page(connection: Warehouse, cell_id: str, place: Place) -> Iterator[str]:
    """File, sheet, address and text, with the row as printed."""
    file_key, sheet, line, column = place
    file = row(connection, FILE, file_key)
    if file is None:
        raise NotFound(
            f"no file with the key {file_key} in this warehouse: is it of another release?"
        )
    extent = row(connection, EXTENT, file_key, sheet)
    if extent is None:
        raise NotFound(
            f"{file.relative_path} has no sheet of number {sheet} with cells (they count from 0)"
        )
    cell = row(connection, CELL, file_key, sheet, line, column)
    address = cell_id.split("!")[2]
    if cell is None:
        raise NotFound(
            f"{address} is empty in {file.relative_path}, sheet {extent.sheet_name!r}, whose cells go to row"
            f" {extent.last_row} and column {extent.last_column}"
        )
    yield f"file:   {file.relative_path} (sha256 {file.sha256[:12]}…)"
    yield f"sheet:  {cell.sheet_name!r} (number {sheet}, from 0)"
    yield f"cell:   {address}, row {line}, column {column}: {cell.text!r}"
    if cell.printed_text is not None and cell.printed_text != cell.text:
        yield f"        printed {cell.printed_text!r}"
    if cell.stored_text is not None:
        yield f"        stored {cell.stored_text!r}, shown by the format {cell.number_format!r}"
    if cell.marks:
        yield f"        marked {cell.marks}"
    beside = rows(connection, BESIDE, file_key, sheet, line, column, WIDEST_ROW)
    told = (f"[{one.text}]" if one.column_number == column else str(one.text) for one in beside)
    yield "row:    " + " | ".join(" ".join(text.split()) for text in told)


def _outcome(connection: Warehouse, cell_id: str, place: Place) -> Iterator[str]:
    """What staging and the layers after it made of the cell, as far as the warehouse was built."""
    try:
        sheet = row(connection, SHEET, *place[:2])
        if sheet is None or sheet.decision == "ignore":
            reason = f": {sheet.reason}" if sheet is not None and sheet.reason else ""
            yield f"not read: its sheet is declared unused by seeds/source_rule.csv{reason}"
            return
        yield f"source: {sheet.source_id}" + (f", edition {sheet.edition}" if sheet.edition else "")
        aside = _set_aside(connection, cell_id)
        if aside is not None:
            yield _read_as(aside)
            yield f"set aside: {aside.reason}; what to do stands in {RUNBOOK}"
            return
        figure = row(connection, OBSERVATION, cell_id)
        if figure is None:
            yield _no_figure(connection, place)
            return
        yield _read_as(figure)
        yield f"value:  {figure.value_in_unit:.10g} {figure.unit}"
    except UnknownName:
        yield "not read yet: the refresh stopped before"
        return
    try:
        yield from _released(connection, cell_id)
    except UnknownName:
        yield "read; the refresh stopped before it could be released"


def _set_aside(connection: Warehouse, cell_id: str) -> SimpleNamespace | None:
    """Its row in the quarantine: of all layers, or of staging where the refresh stopped early."""
    try:
        return row(connection, SET_ASIDE.format(table="marts.quarantine"), cell_id)
    except UnknownName:
        return row(connection, SET_ASIDE.format(table="staging.stg_yearbook__quarantine"), cell_id)


def _read_as(figure: SimpleNamespace) -> str:
    """City, year, heading and indicator that were read with the figure; those that weren't are left out."""
    words = " ".join((figure.heading_printed or "").split())
    indicator = ", ".join(filter(None, (figure.indicator_code, figure.scope)))
    parts = (
        f"for {figure.city_name_printed.strip()!r}" if figure.city_name_printed else "for no city",
        f"{figure.statistic_year}" if figure.statistic_year else "of no year",
        f"under {words!r}" if words else "under no heading",
        f"as {indicator}" if figure.indicator_code else "as no indicator",
        f"in {figure.unit_printed}" if figure.unit_printed else "in no unit",
    )
    return "read:   " + ", ".join(parts)


def _no_figure(connection: Warehouse, place: Place) -> str:
    """What a cell is that holds no figure: above or outside of a table, its heading, a key or a note."""
    if row(connection, MOVED, *place) is not None:
        return "no figure: a heading, name, mark or note of a table that is read turned or below another"
    on_page = row(connection, ON_THE_PAGE, *place)
    if on_page is None:
        tables = row(connection, TABLES, *place[:2])
        if tables is None or not tables.tables:
            return (
                "not read: no table was found on its sheet, as no heading names its cities;"
                " docs/how-to/map-a-new-heading.md"
            )
        return f"no figure: above or beside the tables of its sheet, which begin in row {tables.first_row}"
    if place[2] <= on_page.heading_end_row:
        role = f", mapped as {on_page.role}" if on_page.role else ""
        rows_of = f"rows {on_page.block_row} to {on_page.heading_end_row}"
        return f"no figure: in the heading of the table ({rows_of}){role}"
    if on_page.role == "ignore":
        return "no figure: its column is declared ignore in seeds/heading.csv"
    if on_page.role in ("value", "unknown", "figure") and on_page.is_data:
        return "no figure: a mark for a missing one (seeds/missing_mark.csv)"
    return f"no figure: {'a column of ' + on_page.role if on_page.role else 'a label or note'}"


def _released(connection: Warehouse, cell_id: str) -> Iterator[str]:
    """Whether the figure stands in marts.indicator_value, and which one if not this."""
    placed = row(connection, PLACED, cell_id)
    if placed is None:
        yield "released: no; no city and year was found for it"
        return
    key = (placed.city_code, placed.year, placed.indicator_code, placed.scope)
    more = f"citypanel trace {placed.city_code} {placed.year} {placed.indicator_code} --scope {placed.scope}"
    kept = row(connection, RELEASED, *key)
    merged = row(connection, MERGED, cell_id)
    added = row(connection, ADDED, cell_id)
    if merged is not None:
        why = LEFT_OUT[merged.outcome].format(into=merged.into_city_code)
        yield f"released: no; it left the panel: {why}"
    elif added is not None and added.into_city_code != placed.city_code:
        yield f"released: added into {added.into_city_code} by a decision of seeds/city_event.csv"
        yield f"more:   {more.replace(placed.city_code, added.into_city_code)}"
    elif kept is None:
        yield "released: no; figures of it were left out or outvoted"
    elif kept.cell_id == cell_id:
        yield f"released: {kept.value:.10g} {kept.unit}  [{kept.value_kind}]"
        yield f"more:   {more}"
    else:
        edition = f", edition {kept.edition}" if kept.edition else ""
        yield (
            f"released: not this one but {kept.value:.10g} {kept.unit} of {kept.source_id}{edition}, cell"
            f" {kept.cell_id}"
        )
        yield f"more:   {more}"
