"""How facts about cities are known: places, size class, policies, and flags of the panel's rows.

Belongs here: columns of the panel that are no measurement, with the row of the seed that states them.
Does not belong here: figures and scores.
"""

from __future__ import annotations

from collections.abc import Callable

from orchestration.engine.protocol import Warehouse
from orchestration.trace.number import Key, Made, Part, row, rows

CITY_FACTS = {
    "city_name": "name_zh",
    "city_name_en": "name_en",
    "province_code": "province_code",
    "province_name": "province_zh",
    "region": "region",
    "region_four": "region_four",
    "is_municipality": "is_municipality",
    "is_provincial_capital": "is_provincial_capital",
    "is_subprovincial": "is_subprovincial",
}
"""Column of the panel: column of seeds/city.csv that states it."""

YEARS = """
select min(year) as first_year, max(year) as last_year, count(*) as years
from marts.city_year
where city_code = ?
"""

ALIASES = """
select alias, year_from, year_to
from seed.city_alias
where city_code = ?
order by year_from nulls first, alias
"""

STATUS = """
select year_from, year_to, official_name, level, code_at_time
from seed.city_status
where city_code = $1 and $2 between year_from and coalesce(year_to, 9999)
"""

DISTRICT_CHANGE = """
select county_to_district_count, district_merge_count
from seed.city_district_change
where city_code = ? and year = ?
"""

COORDINATE = """
select longitude, latitude, point
from seed.city_coordinate
where city_code = ?
"""

SIZE = """
select size_class.*
from marts.indicator_value as figure
inner join seed.city_size_class as size_class
    on figure.value * 10000 >= size_class.residents_from
    and (figure.value * 10000 < size_class.residents_below or size_class.residents_below is null)
where figure.city_code = ? and figure.year = ? and figure.indicator_code = 'population_resident'
    and figure.scope = 'districts'
"""

MARKED = """
select suspect_columns, imputed_columns
from marts.city_year
where city_code = ? and year = ?
"""

BLAMED = """
select indicator_code, scope, suspect_figures
from marts.indicator_value
where city_code = ? and year = ? and has_suspect_figure
order by indicator_code, scope
"""

IMPUTED = """
select indicator_code, scope, value_kind, is_imputed
from marts.indicator_value
where city_code = ? and year = ?
order by value_kind desc, indicator_code, scope
"""

FILES = """
select data_kind, count(*) as files
from raw.yearbook_file
group by data_kind
order by data_kind desc
"""

POLICY = """
select name_en, name_zh
from seed.policy
where policy_id = ?
"""

RULES = """
select distinct coverage, timing
from marts.policy_exposure
where policy_id = ?
order by coverage desc, timing desc
"""

EXPOSURE = """
select did, first_treated_year
from marts.policy_exposure
where policy_id = ? and coverage = ? and timing = ? and city_code = ? and year = ?
"""

ROSTER = """
select roster.roster_id, roster.official_name, roster.entity_type, roster.covers, roster.batch,
    roster.pilot_year, batch.announced_on, roster.evidence
from seed.policy_roster as roster
inner join seed.policy_batch as batch using (policy_id, batch)
where policy_id = ? and city_code = ?
order by roster.pilot_year, roster.roster_id
"""

COVERAGE = {
    "whole": "counts entries that are the whole city",
    "any_part": "counts entries that are the city or a part of it",
}
TIMING = {
    "pilot_year": "from the year of the batch on",
    "announcement_year": "from the year of the announcement on",
}


def attribute(connection: Warehouse, key: Key) -> Made:
    """A column of marts.city_year that is no measurement (`key.name`)."""
    if not has_row(connection, key):
        return Made(None, _no_row(connection, key))
    if key.name in CITY_FACTS:
        return _city_fact(connection, key)
    return ATTRIBUTES[key.name](connection, key)


def has_row(connection: Warehouse, key: Key) -> bool:
    """Whether the panel has a row of the city and year."""
    query = "select 1 as one from marts.city_year where city_code = ? and year = ?"
    return row(connection, query, key.city_code, key.year) is not None


def _no_row(connection: Warehouse, key: Key) -> str:
    years = row(connection, YEARS, key.city_code)
    there = (
        f"it has {years.years} of {years.first_year} to {years.last_year}"
        if years is not None and years.years
        else "it has none of any year"
    )
    return f"no row of {key.city_code} in {key.year} in marts.city_year; {there}"


def _plain(value: object) -> str:
    """A value as the panel prints it: false and true in small letters."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _city_fact(connection: Warehouse, key: Key) -> Made:
    city = row(connection, "select * from seed.city where city_code = ?", key.city_code)
    stated = CITY_FACTS[key.name]
    value = None if city is None else getattr(city, stated)
    return Made(
        value,
        _plain(value),
        (f"stated in seeds/city.csv, row {key.city_code}, column {stated}; from no yearbook cell",),
    )


def _city_code(connection: Warehouse, key: Key) -> Made:
    known = [
        of.alias
        for of in rows(connection, ALIASES, key.city_code)
        if (of.year_from or 0) <= key.year <= (of.year_to or 9999)
    ]
    return Made(
        key.city_code,
        key.city_code,
        (
            "the latest official code, key of seeds/city.csv; from no yearbook cell",
            f"printed in {key.year} as one of (seeds/city_alias.csv): {', '.join(known)}",
        ),
    )


def _year(connection: Warehouse, key: Key) -> Made:
    return Made(
        key.year,
        str(key.year),
        (
            "the statistic year, key of the panel: the year that the figures are of, not the edition",
            "each figure's own trace shows the page, which prints the year or is dated by its edition",
        ),
    )


def _level(connection: Warehouse, key: Key) -> Made:
    status = row(connection, STATUS, key.city_code, key.year)
    where = "seeds/city_status.csv"
    if status is None:
        told = f"unknown: {where} has no row of {key.city_code} for {key.year}"
        return Made(None, told, ("the level at the end of the year; from no yearbook cell",))
    until = f"to {status.year_to}" if status.year_to else "on"
    return Made(
        status.level,
        status.level,
        (
            f"stated in {where}: {status.official_name} ({status.code_at_time}), from"
            f" {status.year_from} {until}; from no yearbook cell",
        ),
    )


def _coordinate(connection: Warehouse, key: Key) -> Made:
    where = "seeds/city_coordinate.csv"
    point = row(connection, COORDINATE, key.city_code)
    if point is None:
        return Made(None, f"unknown: {where} has no row of {key.city_code}")
    kinds = {"seat": "the seat of government", "inside": "a point inside the area"}
    return Made(
        getattr(point, key.name),
        str(getattr(point, key.name)),
        (f"stated in {where}: {kinds[point.point]}, degrees; from no yearbook cell",),
    )


def _district_change(connection: Warehouse, key: Key) -> Made:
    change = row(connection, DISTRICT_CHANGE, key.city_code, key.year)
    where = "seeds/city_district_change.csv"
    if change is None:
        told = f"{where} has no row of the city for {key.year}; from no yearbook cell"
        return Made(False, "false", (told,))
    moved = change.county_to_district_count > 0 or change.district_merge_count > 0
    return Made(
        moved,
        _plain(moved),
        (
            f"stated in {where}: counties that became districts {change.county_to_district_count},"
            f" districts merged {change.district_merge_count}; from no yearbook cell",
        ),
    )


def _size(connection: Warehouse, key: Key) -> Made:
    """City size class and is_large_city: the residents of the districts against the bounds."""
    decided = Part(
        "decided by population_resident (districts)",
        Key(key.city_code, key.year, "figure", "population_resident", "districts"),
    )
    found = row(connection, SIZE, key.city_code, key.year)
    if found is None:
        return Made(None, "unknown without residents of the city districts", (decided,))
    value = found.size_class if key.name == "city_size_class" else found.is_large_city
    upper = f" and below {found.residents_below:,}" if found.residents_below else ""
    return Made(
        value,
        _plain(value),
        (
            f"{found.size_class} ({found.name_zh}) has {found.residents_from:,} residents or"
            f" more{upper} (seeds/city_size_class.csv, State Council 2014)",
            decided,
        ),
    )


def _imputed(connection: Warehouse, key: Key) -> Made:
    figures = rows(connection, IMPUTED, key.city_code, key.year)
    imputed = [of for of in figures if of.is_imputed]
    value: str | bool | None = bool(imputed)
    if key.name == "imputed_columns":
        marked = row(connection, MARKED, key.city_code, key.year)
        value = None if marked is None else marked.imputed_columns
    return Made(
        value,
        "no column" if value is None else _plain(value),
        (
            f"{len(imputed)} of {len(figures)} figures of the row are interpolated or made of such",
            *(
                Part(
                    f"{of.indicator_code} ({of.scope})",
                    Key(key.city_code, key.year, "figure", of.indicator_code, of.scope),
                )
                for of in imputed
            ),
        ),
    )


def _suspect(connection: Warehouse, key: Key) -> Made:
    found = row(connection, MARKED, key.city_code, key.year)
    if found is None:
        return Made(None, _no_row(connection, key))
    columns = found.suspect_columns.split(", ") if found.suspect_columns else []
    value = bool(columns) if key.name == "has_suspect_figure" else found.suspect_columns
    told = "no column" if value is None else _plain(value)
    blamed = [
        f"{of.indicator_code} ({of.scope}): {of.suspect_figures}"
        for of in rows(connection, BLAMED, key.city_code, key.year)
    ]
    said = f"{len(columns)} columns of the row fail a check, or are made of figures that do"
    return Made(value, told, (f"{said} (marts.figure_check)", *blamed))


def _data_kind(connection: Warehouse, key: Key) -> Made:
    kinds = rows(connection, FILES)
    value = "simulated" if any(of.data_kind == "simulated" for of in kinds) else "published"
    counted = ", ".join(f"{of.files} {of.data_kind}" for of in kinds)
    return Made(
        value,
        value,
        (f"of the input files {counted}; simulated as soon as one is (raw.yearbook_file)",),
    )


ATTRIBUTES: dict[str, Callable[[Warehouse, Key], Made]] = {
    "city_code": _city_code,
    "year": _year,
    "level": _level,
    "longitude": _coordinate,
    "latitude": _coordinate,
    "has_district_change": _district_change,
    "city_size_class": _size,
    "is_large_city": _size,
    "has_imputed_figure": _imputed,
    "imputed_columns": _imputed,
    "has_suspect_figure": _suspect,
    "suspect_columns": _suspect,
    "data_kind": _data_kind,
}
"""Column of the panel that no single seed row states: how it is made."""


def policy(connection: Warehouse, key: Key) -> Made:
    """A policy (`key.name`) in a city: its entries of the roster, and whether each rule has it in force."""
    if not has_row(connection, key):
        return Made(None, _no_row(connection, key))
    entries = rows(connection, ROSTER, key.name, key.city_code)
    steps: list[str | Part] = []
    for named in rows(connection, POLICY, key.name):
        steps.append(f"policy: {named.name_en} ({named.name_zh})")
    for entry in entries:
        announced = f", announced {entry.announced_on}" if entry.announced_on else ""
        steps.append(
            f"entry {entry.roster_id}: {entry.official_name} ({entry.entity_type}, {entry.covers}),"
            f" batch {entry.batch}, pilot year {entry.pilot_year}{announced}; {entry.evidence}"
        )
    steps.append("source: notices of the ministries, as collected in the roster; no yearbook cell")
    for of in rows(connection, RULES, key.name):
        rule = f"{of.coverage}/{of.timing}"
        steps.append(Part(f"did, {rule}", Key(key.city_code, key.year, "did", key.name, rule)))
    told = f"{len(entries)} of the entries of seeds/policy_roster.csv"
    return Made(len(entries), told, tuple(steps))


def did(connection: Warehouse, key: Key) -> Made:
    """Whether a policy (`key.name`) is in force under a rule (`key.part`): `did` of studies."""
    coverage, timing = key.part.split("/")
    found = row(connection, EXPOSURE, key.name, coverage, timing, key.city_code, key.year)
    if found is None:
        return Made(None, _no_row(connection, key))
    since = found.first_treated_year
    counted = [
        entry.roster_id
        for entry in rows(connection, ROSTER, key.name, key.city_code)
        if coverage == "any_part" or entry.covers == "whole"
    ]
    return Made(
        found.did,
        f"{found.did}, first_treated_year {'none' if since is None else since}",
        (
            f"the rule {COVERAGE[coverage]}, {TIMING[timing]}",
            f"entries that count: {', '.join(counted) or 'none'}",
        ),
    )
