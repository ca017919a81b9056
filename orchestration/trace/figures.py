"""How figures are made: printed in a cell, corrected, added, interpolated, or computed of others.

Belongs here: indicators with everything below them, down to the cell. Does not belong here: scores
and facts about cities.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace

from orchestration.engine.protocol import Warehouse
from orchestration.errors import NotFound
from orchestration.trace import checks
from orchestration.trace.number import Key, Made, Part, row, rows

VALUE = """
select value, unit, value_kind, cell_id, source_id, edition, values_published, relative_disagreement,
    fill_method, neighbour_year_before, neighbour_year_after
from marts.indicator_value
where city_code = ? and year = ? and indicator_code = ? and scope = ?
"""

INDICATOR = """
select indicator.kind, indicator.formula, indicator.price_base_year,
    relative.base_indicator_code, deflated.nominal_indicator_code
from seed.indicator as indicator
left join seed.relative_indicator as relative using (indicator_code)
left join seed.deflated_indicator as deflated using (indicator_code)
where indicator_code = ?
"""

TERMS = """
select position, input_indicator_code, input_scope, coefficient
from seed.derived_term
where indicator_code = ?
order by position desc, input_indicator_code
"""

ALL_CITIES = """
select all_cities_numerator as numerator, all_cities_denominator as denominator, cities
from intermediate.int_city_year__relative
where city_code = ? and year = ? and indicator_code = ? and scope = ?
"""

DEFLATOR = """
select this_year.price_level / base_year.price_level as value
from intermediate.int_city_year__deflator as this_year
inner join intermediate.int_city_year__deflator as base_year using (city_code, run_first_year)
where city_code = ? and this_year.year = ? and base_year.year = ?
"""

DEFLATOR_STEPS = """
select year, method, step
from intermediate.int_city_year__deflator
where city_code = $1 and year > least($2, $3) and year <= greatest($2, $3)
order by year
"""

CORRECTION = """
select correction_id, expected_value, corrected_value, reason, source, decided_by
from seed.correction
where city_code = ? and year = ? and indicator_code = ? and scope = ?
"""

PARTS = """
select part.city_code, city.name_zh, event.event_id, event.reason
from intermediate.int_city_year__merger as part
inner join seed.city as city using (city_code)
left join seed.city_event as event using (event_id)
where part.into_city_code = ? and part.year = ? and part.indicator_code = ? and part.scope = ?
    and part.outcome = 'added'
order by part.city_code <> part.into_city_code, part.city_code
"""

PRINTED = """
select value, unit, is_corrected, is_computed, cell_id, source_id, edition, into_city_code, outcome
from intermediate.int_city_year__merger
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

OTHER_YEARS = """
select scope, min(year) as first_year, max(year) as last_year, count(*) as years
from marts.indicator_value
where city_code = ? and indicator_code = ?
group by scope
order by scope = ? desc, scope
"""

SET_ASIDE = """
select relative_path, sheet_name, cell_id, value_text, reason
from marts.quarantine
where city_name_printed in (
        select alias from seed.city_alias where city_code = $1
        union all select name_zh from marts.dim_city where city_code = $1
    )
    and statistic_year = $2 and indicator_code = $3
order by all
"""

LEFT_OUT = {
    "added": "it is added into that of {into} by a decision of seed.city_event",
    "not_additive": "it is no amount that could be added into that of {into}, into which the city was merged",
    "partner_missing": "the figure of another part of {into} is missing, into which places were merged",
    "after_merger": "the city was merged into {into} before that year",
}
"""What becomes of a figure that a merger touches, by its outcome in int_city_year__merger."""


def figure(connection: Warehouse, key: Key) -> Made:
    """A value of marts.indicator_value; `key.name` is the indicator, `key.part` the scope."""
    found = row(connection, VALUE, key.city_code, key.year, key.name, key.part)
    if found is None:
        steps = tuple(_computed(connection, key))
        return Made(None, _absence(connection, key, is_printed=not steps), steps)
    way: Iterator[str | Part]
    if found.value_kind == "derived":
        way = _computed(connection, key)
    elif found.value_kind == "interpolated":
        way = _interpolated(key, found)
    elif found.value_kind == "added":
        way = _added(connection, key)
    else:
        way = _published(connection, key, found)
    told = f"{found.value:.10g} {found.unit}  [{found.value_kind}]"
    return Made(found.value, told, (*way, *checks.against(connection, key)))


def _computed(connection: Warehouse, key: Key) -> Iterator[str | Part]:
    """What an indicator is computed of, whether there is a result or not; nothing for a printed one."""
    indicator = row(connection, INDICATOR, key.name)
    if indicator is None or indicator.kind == "printed":
        return
    yield f"formula: {indicator.formula}"
    city, year = key.city_code, key.year
    if indicator.base_indicator_code:
        base = indicator.base_indicator_code
        yield Part(f"city: {base} ({key.part})", Key(city, year, "figure", base, key.part))
        every = row(connection, ALL_CITIES, city, year, key.name, key.part)
        if every is not None:
            yield (
                f"all {every.cities} cities of {year}: {every.numerator:.10g} / {every.denominator:.10g}"
                f" = {every.numerator / every.denominator:.10g} (each in marts.number_input)"
            )
    if indicator.nominal_indicator_code:
        nominal, base_year = indicator.nominal_indicator_code, indicator.price_base_year
        yield Part(f"nominal: {nominal} ({key.part})", Key(city, year, "figure", nominal, key.part))
        yield Part(
            f"deflator of {year}, {base_year} = 1", Key(city, year, "deflator", str(base_year))
        )
    for term in rows(connection, TERMS, key.name):
        code, scope = term.input_indicator_code, term.input_scope
        yield Part(
            f"{term.position}: {code} ({scope}) x {term.coefficient:g}",
            Key(city, year, "figure", code, scope),
        )


def deflator(connection: Warehouse, key: Key) -> Made:
    """The price level of a year over that of the base year (`key.name`), step by step."""
    base_year = int(key.name)
    found = row(connection, DEFLATOR, key.city_code, key.year, base_year)
    steps: list[str | Part] = []
    for step in rows(connection, DEFLATOR_STEPS, key.city_code, key.year, base_year):
        between = f"{step.year - 1} to {step.year}"
        if step.method is None:
            steps.append(f"{between}: no step, as GDP or its growth is missing")
            continue
        steps.append(f"{between}: {step.step:.10g}, by {step.method}")
        measured = "gdp_deflator" if step.method == "gdp_deflator" else "gdp"
        figures = dict.fromkeys(
            [(measured, step.year - 1), (measured, step.year), (step.method, step.year)]
        )
        for code, year in figures:
            steps.append(
                Part(f"{code} of {year}", Key(key.city_code, year, "figure", code, "total"))
            )
    if found is None:
        told = f"no deflator: its steps from {base_year} to {key.year} are not all there"
        return Made(None, told, tuple(steps))
    return Made(found.value, f"{found.value:.10g}", tuple(steps))


def _interpolated(key: Key, found: SimpleNamespace) -> Iterator[str | Part]:
    before, after = found.neighbour_year_before, found.neighbour_year_after
    yield f"{found.fill_method} between {before} and {after}"
    for year in (before, after):
        yield Part(str(year), Key(key.city_code, year, "figure", key.name, key.part))


def _added(connection: Warehouse, key: Key) -> Iterator[Part]:
    """The city's own part and those of the places merged into it, each with its decision."""
    for part in rows(connection, PARTS, key.city_code, key.year, key.name, key.part):
        why = (
            "its own part" if part.event_id is None else f"added by {part.event_id}: {part.reason}"
        )
        yield Part(
            f"{part.name_zh} ({part.city_code}), {why}",
            Key(part.city_code, key.year, "printed", key.name, key.part),
        )


def printed(connection: Warehouse, key: Key) -> Made:
    """The figure of one place before places were added."""
    found = row(connection, PRINTED, key.city_code, key.year, key.name, key.part)
    if found is None:
        raise NotFound(f"no part of {key.name} ({key.part}) of {key.city_code} in {key.year}")
    kind = "corrected" if found.is_corrected else "computed" if found.is_computed else "observed"
    return Made(
        found.value,
        f"{found.value:.10g} {found.unit}  [{kind}]",
        (*_correction(connection, key, kind), *_cell(connection, found)),
    )


def _published(connection: Warehouse, key: Key, found: SimpleNamespace) -> Iterator[str]:
    yield from _correction(connection, key, found.value_kind)
    yield from _cell(connection, found)
    if found.values_published > 1:
        apart = found.relative_disagreement
        yield (
            f"{found.values_published} figures published for it"
            + ("" if apart is None else f", largest {apart:.1%} above smallest")
        )
        yield from checks.other_sources(connection, key)


def _correction(connection: Warehouse, key: Key, kind: str) -> Iterator[str]:
    if kind != "corrected":
        return
    for found in rows(connection, CORRECTION, key.city_code, key.year, key.name, key.part):
        yield (
            f"corrected from {found.expected_value:.10g} to {found.corrected_value:.10g} by"
            f" {found.correction_id}: {found.reason} ({found.source}; {found.decided_by})"
        )


def _cell(connection: Warehouse, found: SimpleNamespace) -> Iterator[str]:
    """Source, file, cell and print of a figure with `cell_id`, `source_id` and `edition`."""
    cell = row(connection, OBSERVATION, found.cell_id)
    if cell is None:
        return
    yield f"source: {found.source_id}" + (f", edition {found.edition}" if found.edition else "")
    yield f"file:   {cell.relative_path} (sha256 {cell.sha256[:12]}…)"
    yield f"cell:   sheet {cell.sheet_name!r}, {found.cell_id.split('!')[2]}: {cell.value_text!r}"
    place = f"printed for {cell.city_name_printed!r}" if cell.city_name_printed else "printed"
    words = " ".join((cell.heading_printed or "").split())
    converted = cell.unit_printed and cell.unit_factor != 1
    yield (
        f"{place} under {words!r}"
        + (f", {cell.unit_printed} x {cell.unit_factor:g}" if converted else "")
    )


def _absence(connection: Warehouse, key: Key, *, is_printed: bool) -> str:
    """Why there is no value, as far as the release knows: other years, figures that were set aside."""
    said = f"no value of {key.name} ({key.part}) for {key.city_code} in {key.year}"
    years = rows(connection, OTHER_YEARS, key.city_code, key.name, key.part)
    said += "; there are " + (
        ", ".join(f"{of.years} of {of.first_year} to {of.last_year} ({of.scope})" for of in years)
        or "none of any year"
    )
    if not is_printed:
        return said
    merged = row(connection, PRINTED, key.city_code, key.year, key.name, key.part)
    if merged is not None:
        why = LEFT_OUT[merged.outcome].format(into=merged.into_city_code)
        return f"{said}; the one in cell {merged.cell_id} left the panel: {why}"
    aside = rows(connection, SET_ASIDE, key.city_code, key.year, key.name)
    if not aside:
        return said + "; none was set aside in marts.quarantine"
    first = aside[0]
    return said + (
        f"; {len(aside)} set aside in marts.quarantine, as {first.value_text!r} in"
        f" {first.relative_path}, sheet {first.sheet_name!r}, {first.cell_id.split('!')[2]}:"
        f" {first.reason}"
    )
