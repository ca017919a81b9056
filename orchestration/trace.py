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

INDEX_COMPONENTS = """
select weight.indicator_code, component.scope, weight.direction, weight.weight, value.value, value.unit,
    value.value_kind
from marts.index_weight as weight
inner join seed.index_definition as definition using (index_id)
inner join seed.index_component as component
    on component.index_id = coalesce(definition.components_of, definition.index_id)
    and component.indicator_code = weight.indicator_code
left join marts.indicator_value as value
    on value.indicator_code = weight.indicator_code and value.scope = component.scope
    and value.city_code = $1 and value.year = $2
where weight.index_id = $3 and (weight.period = $4 or not regexp_full_match(weight.period, '[0-9]{4}'))
order by weight.weight desc, weight.indicator_code
"""

PARTS = """
select part.city_code, city.name_zh, part.value, part.unit, part.is_corrected, part.cell_id,
    part.source_id, part.edition, event.event_id, event.reason
from intermediate.int_city_year__merger as part
inner join seed.city as city using (city_code)
left join seed.city_event as event using (event_id)
where part.into_city_code = ? and part.year = ? and part.indicator_code = ? and part.scope = ?
    and part.outcome = 'added'
order by part.city_code <> part.into_city_code, part.city_code
"""

LEFT_OUT = {
    "added": "it is added into that of {into} by a decision of seed.city_event",
    "not_additive": "it is no amount that could be added into that of {into}, into which the city was merged",
    "partner_missing": "the figure of another part of {into} is missing, into which places were merged",
    "after_merger": "the city was merged into {into} before that year",
}
"""What becomes of a figure that a merger touches, by its outcome in int_city_year__merger."""

LIKE = 55
"""Likeness of names from 0 to 100 from which on one is offered; 吉林 is like 吉林市 by 80."""

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
        names = connection.execute(
            "select name_zh, city_code from marts.dim_city union select name_en, city_code"
            " from marts.dim_city union select alias, city_code from seed.city_alias order by all"
        ).fetchall()
        raise LookupError(
            f"no city is called {city!r}{_near(city, names)}; give its Chinese name, its pinyin or its"
            " six-digit code"
        )
    if len(codes) > 1:
        raise LookupError(f"{city!r} fits {', '.join(code for (code,) in codes)}: give the code")
    return str(codes[0][0])


def _near(text: str, names: list[tuple[str, str]]) -> str:
    """The names that are most like a text; `names` are (name, code)."""
    from rapidfuzz import fuzz, process, utils

    found = process.extract(
        text, [name for name, _ in names], scorer=fuzz.ratio, limit=9,
        score_cutoff=LIKE, processor=utils.default_process,
    )  # fmt: skip
    codes: dict[str, str] = {}
    for name, _, position in found:
        codes.setdefault(names[position][1], name)
    likely = [code if code == name else f"{name} ({code})" for code, name in codes.items()]
    return f"; nearest: {', '.join(likely[:3])}" if likely else ""


def _indicator_code(connection: duckdb.DuckDBPyConnection, indicator: str) -> str:
    """The code of an indicator, given by its code or name in any case."""
    rows = connection.execute(
        "select indicator_code, name_zh, name_en from marts.dim_indicator order by all"
    ).fetchall()
    wanted = indicator.casefold()
    for code, *_ in rows:
        if wanted == code:
            return str(code)
    fitting = [row[0] for row in rows if wanted in [(name or "").casefold() for name in row]]
    if len(fitting) == 1:
        return str(fitting[0])
    if fitting:
        raise LookupError(f"{indicator!r} is the name of {', '.join(fitting)}: give the code")
    names = [(name, row[0]) for row in rows for name in row if name]
    raise LookupError(
        f"no indicator {indicator!r}{_near(indicator, names)}; all are in marts.dim_indicator, and"
        " indices in marts.index_score"
    )


def trace_lines(
    warehouse: Path, city: str, year: int, indicator: str, scope: str = "total"
) -> Iterator[str]:
    """The value and its way, a line per step; raises LookupError for an unknown city, indicator or value.

    An index (`nqpf` or `index_nqpf`) is traced to its components and their weights.
    """
    with open_release(warehouse) as connection:
        code = _city_code(connection, city)
        name = connection.execute(
            "select name_zh from marts.dim_city where city_code = ?", [code]
        ).fetchone()
        called = name[0] if name else code
        index = indicator.removeprefix("index_")
        if connection.execute(
            "select 1 from seed.index_definition where index_id = ?", [index]
        ).fetchone():
            yield f"{called} ({code}), {year}, index {index}"
            yield from _index_steps(connection, code, year, index)
            return
        indicator = _indicator_code(connection, indicator)
        yield f"{called} ({code}), {year}, {indicator}, {scope}"
        yield from _steps(connection, code, year, indicator, scope, "  ")


def _index_steps(
    connection: duckdb.DuckDBPyConnection, code: str, year: int, index: str
) -> Iterator[str]:
    """The score, and each component's weight and figure."""
    found = connection.execute(
        "select score, rank, components, components_present from marts.index_score"
        " where index_id = ? and city_code = ? and year = ?",
        [index, code, year],
    ).fetchone()
    if found is None:
        raise LookupError(f"no score of {index} for {code} in {year}: see marts.index_score")
    score, rank, components, present = found
    yield (
        f"  no score: {present} of {components} components are there"
        if score is None
        else f"  = {score:.10g}, rank {rank} of {year}, of {components} components"
    )
    for component, scope, direction, weight, value, unit, kind in connection.execute(
        INDEX_COMPONENTS, [code, year, index, str(year)]
    ).fetchall():
        figure = "no figure" if value is None else f"{value:.10g} {unit}  [{kind}]"
        yield f"  {direction} {component} ({scope}), weight {weight:.4f}: {figure}"
    yield f"  each of them: citypanel trace {code} {year} INDICATOR"


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
        raise LookupError(_absence(connection, code, year, indicator, scope))
    (
        value, unit, kind, cell_id, source_id, edition, published, disagreement, method, before, after,
    ) = found  # fmt: skip
    yield f"{indent}= {value:.10g} {unit}  [{kind}]"
    deeper = indent + "  "
    if kind == "derived":
        made_by, formula = connection.execute(
            "select kind, formula from marts.dim_indicator where indicator_code = ?", [indicator]
        ).fetchone() or ("", "")
        yield f"{indent}formula: {formula}"
        if made_by == "relative":
            yield from _relative(connection, code, year, indicator, scope, indent)
        elif made_by == "deflated":
            yield from _deflated(connection, code, year, indicator, scope, indent)
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
    elif kind == "added":
        yield from _parts(connection, code, year, indicator, scope, indent)
    else:
        if kind == "corrected":
            yield from _correction(connection, code, year, indicator, scope, indent)
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


def _correction(
    connection: duckdb.DuckDBPyConnection,
    code: str,
    year: int,
    indicator: str,
    scope: str,
    indent: str,
) -> Iterator[str]:
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


def _parts(
    connection: duckdb.DuckDBPyConnection,
    code: str,
    year: int,
    indicator: str,
    scope: str,
    indent: str,
) -> Iterator[str]:
    """The city's own figure and those of the places merged into it, each with its decision and its cell."""
    inner = indent + "  "
    for place, name, value, unit, corrected, cell_id, source_id, edition, event, reason in connection.execute(
        PARTS, [code, year, indicator, scope]
    ).fetchall():  # fmt: skip
        why = "its own part" if event is None else f"added by {event}: {reason}"
        yield f"{indent}{name} ({place}), {why}"
        yield f"{inner}= {value:.10g} {unit}  [{'corrected' if corrected else 'observed'}]"
        if corrected:
            yield from _correction(connection, place, year, indicator, scope, inner)
        yield from _source(connection, cell_id, source_id, edition, inner)


def _relative(
    connection: duckdb.DuckDBPyConnection,
    code: str,
    year: int,
    indicator: str,
    scope: str,
    indent: str,
) -> Iterator[str]:
    """The city's own ratio with its steps, and the sums of all cities that it is taken of."""
    found = connection.execute(
        "select base_indicator_code, all_cities_numerator, all_cities_denominator, cities"
        " from intermediate.int_city_year__relative"
        " inner join seed.relative_indicator using (indicator_code)"
        " where city_code = ? and year = ? and indicator_code = ? and scope = ?",
        [code, year, indicator, scope],
    ).fetchone()
    if found is None:
        return
    base, numerator, denominator, cities = found
    yield f"{indent}city: {base} ({scope})"
    yield from _steps(connection, code, year, base, scope, indent + "  ")
    yield (
        f"{indent}all {cities} cities of {year}: {numerator:.10g} / {denominator:.10g}"
        f" = {numerator / denominator:.10g} (each in marts.number_input)"
    )


def _deflated(
    connection: duckdb.DuckDBPyConnection,
    code: str,
    year: int,
    indicator: str,
    scope: str,
    indent: str,
) -> Iterator[str]:
    """The nominal figure with its steps, and each step of the deflator between the year and the base year."""
    found = connection.execute(
        "select nominal_indicator_code, deflator, base_year from intermediate.int_city_year__deflated"
        " inner join seed.deflated_indicator using (indicator_code)"
        " where city_code = ? and year = ? and indicator_code = ? and scope = ?",
        [code, year, indicator, scope],
    ).fetchone()
    if found is None:
        return
    nominal, deflator, base_year = found
    yield f"{indent}nominal: {nominal} ({scope})"
    yield from _steps(connection, code, year, nominal, scope, indent + "  ")
    yield f"{indent}deflator of {year}, {base_year} = 1: {deflator:.10g}"
    steps = connection.execute(
        "select year, method, step from intermediate.int_city_year__deflator"
        " where city_code = $1 and year > least($2, $3) and year <= greatest($2, $3) order by year",
        [code, year, base_year],
    ).fetchall()
    inner = indent + "  "
    shown: set[tuple[int, str]] = set()
    for at, method, step in steps:
        yield f"{inner}{at - 1} to {at}: {step:.10g}, by {method}"
        measured = "gdp_deflator" if method == "gdp_deflator" else "gdp"
        for when, which in ((at - 1, measured), (at, measured), (at, method)):
            if (when, which) in shown:  # the GDP of a year enters two steps
                continue
            shown.add((when, which))
            yield f"{inner}{which} of {when}:"
            yield from _steps(connection, code, when, which, "total", inner + "  ")


def _absence(
    connection: duckdb.DuckDBPyConnection, code: str, year: int, indicator: str, scope: str
) -> str:
    """Why there is no value, as far as the release knows: other years, figures that were set aside."""
    said = f"no value of {indicator} ({scope}) for {code} in {year}"
    years = connection.execute(
        "select scope, min(year), max(year), count(*) from marts.indicator_value"
        " where city_code = ? and indicator_code = ? group by scope order by scope = ? desc, scope",
        [code, indicator, scope],
    ).fetchall()
    said += "; there are " + (
        ", ".join(f"{count} of {first} to {last} ({of})" for of, first, last, count in years)
        or "none of any year"
    )
    merged = connection.execute(
        "select outcome, into_city_code, cell_id from intermediate.int_city_year__merger"
        " where city_code = ? and year = ? and indicator_code = ? and scope = ?",
        [code, year, indicator, scope],
    ).fetchone()
    if merged:
        outcome, into, cell_id = merged
        return f"{said}; the one in cell {cell_id} left the panel: {LEFT_OUT[outcome].format(into=into)}"
    aside = connection.execute(
        "select relative_path, sheet_name, cell_id, value_text, reason from marts.quarantine"
        " where city_name_printed in (select alias from seed.city_alias where city_code = $1"
        " union all select name_zh from marts.dim_city where city_code = $1)"
        " and statistic_year = $2 and indicator_code = $3 order by all",
        [code, year, indicator],
    ).fetchall()
    if not aside:
        return said + "; none was set aside in marts.quarantine"
    path, sheet, cell_id, text, reason = aside[0]
    return said + (
        f"; {len(aside)} set aside in marts.quarantine, as {text!r} in {path}, sheet {sheet!r},"
        f" {cell_id.split('!')[2]}: {reason}"
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
