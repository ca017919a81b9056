"""Tracing a released number back to the cells it came from.

Belongs here: walking from a value over formula, correction, interpolation and conversion to file,
sheet, cell and text. Does not belong here: making any of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb

from orchestration.warehouse import open_release

VALUE = """
select value.value, value.unit, value.value_kind, value.cell_id, value.source_id, value.edition,
    value.values_published, value.relative_disagreement, value.fill_method,
    value.neighbour_year_before, value.neighbour_year_after
from marts.indicator_value as value
where city_code = ? and year = ? and indicator_code = ? and scope = ?
"""

OBSERVATION = """
select sheet.relative_path, sheet.sheet_name, observation.value_text, observation.heading_printed,
    observation.city_name_printed, observation.unit_printed, observation.unit_factor, file.sha256
from staging.stg_yearbook__observation as observation
inner join staging.stg_yearbook__sheet as sheet using (file_key, sheet_index)
inner join raw.yearbook_file as file on file.file_key = observation.file_key
where observation.cell_id = ?
"""


def _city_code(connection: duckdb.DuckDBPyConnection, city: str) -> str:
    codes = connection.execute(
        "select city_code from marts.dim_city"
        " where city_code = $1 or name_zh = $1 or lower(name_en) = lower($1)"
        " union select city_code from seed.city_alias where alias = $1 order by all",
        [city],
    ).fetchall()
    if not codes:
        raise LookupError(
            f"no city is called {city!r}: give its Chinese name, its pinyin or its six-digit code"
        )
    if len(codes) > 1:
        raise LookupError(f"{city!r} fits {', '.join(code for (code,) in codes)}: give the code")
    return str(codes[0][0])


def trace_lines(
    warehouse: Path, city: str, year: int, indicator: str, scope: str = "total"
) -> Iterator[str]:
    """The value and its way, a line per step; raises LookupError for an unknown city, indicator or value."""
    with open_release(warehouse) as connection:
        code = _city_code(connection, city)
        name = connection.execute(
            "select name_zh from marts.dim_city where city_code = ?", [code]
        ).fetchone()
        if not connection.execute(
            "select 1 from marts.dim_indicator where indicator_code = ?", [indicator]
        ).fetchone():
            raise LookupError(f"no indicator {indicator!r}: see marts.dim_indicator")
        yield f"{name[0] if name else code} ({code}), {year}, {indicator}, {scope}"
        yield from _steps(connection, code, year, indicator, scope, "  ")


def _steps(
    connection: duckdb.DuckDBPyConnection,
    code: str,
    year: int,
    indicator: str,
    scope: str,
    indent: str,
) -> Iterator[str]:
    found = connection.execute(VALUE, [code, year, indicator, scope]).fetchone()
    if found is None:
        raise LookupError(
            f"no value of {indicator} ({scope}) for {code} in {year}: see marts.quarantine for figures set aside"
        )
    (
        value, unit, kind, cell_id, source_id, edition, published, disagreement, method, before, after,
    ) = found  # fmt: skip
    yield f"{indent}= {value:.10g} {unit}  [{kind}]"
    deeper = indent + "  "
    if kind == "derived":
        formula = connection.execute(
            "select formula from marts.dim_indicator where indicator_code = ?", [indicator]
        ).fetchone()
        yield f"{indent}formula: {formula[0] if formula else ''}"
        terms = connection.execute(
            "select position, input_indicator_code, input_scope, coefficient from seed.derived_term"
            " where indicator_code = ? order by position desc, input_indicator_code",
            [indicator],
        ).fetchall()
        for position, term, term_scope, coefficient in terms:
            yield f"{indent}{position}: {term} ({term_scope}) x {coefficient:g}"
            yield from _steps(connection, code, year, term, term_scope, deeper)
    elif kind == "interpolated":
        yield f"{indent}{method} between {before} and {after}"
        for neighbour in (before, after):
            yield f"{indent}{neighbour}:"
            yield from _steps(connection, code, neighbour, indicator, scope, deeper)
    else:
        if kind == "corrected":
            correction = connection.execute(
                "select expected_value, corrected_value, reason, source, decided_by, correction_id"
                " from seed.correction"
                " where city_code = ? and year = ? and indicator_code = ? and scope = ?",
                [code, year, indicator, scope],
            ).fetchone()
            if correction:
                yield (
                    f"{indent}corrected from {correction[0]:.10g} to {correction[1]:.10g} by"
                    f" {correction[5]}: {correction[2]} ({correction[3]}; {correction[4]})"
                )
        yield from _source(connection, cell_id, source_id, edition, indent)
        if published > 1:
            yield (
                f"{indent}{published} figures published for it"
                + (
                    f", largest {disagreement:.1%} above smallest"
                    if disagreement is not None
                    else ""
                )
            )


def _source(
    connection: duckdb.DuckDBPyConnection,
    cell_id: str,
    source_id: str,
    edition: int | None,
    indent: str,
) -> Iterator[str]:
    found = connection.execute(OBSERVATION, [cell_id]).fetchone()
    if found is None:
        return
    path, sheet, text, heading, printed, unit, factor, sha256 = found
    yield f"{indent}source: {source_id}" + (f", edition {edition}" if edition else "")
    yield f"{indent}file:   {path} (sha256 {sha256[:12]}…)"
    yield f"{indent}cell:   sheet {sheet!r}, {cell_id.split('!')[2]}: {text!r}"
    place = f"{indent}printed for {printed!r}" if printed else f"{indent}printed"
    words = " ".join((heading or "").split())
    yield f"{place} under {words!r}" + (f", {unit} x {factor:g}" if unit and factor != 1 else "")
