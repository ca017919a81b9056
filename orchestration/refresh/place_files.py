"""Seeds of places that contradict each other: an event without its ends, a name without its years.

Belongs here: what city.csv, city_status.csv, city_alias.csv and city_event.csv must say of each other, told with
file and line before the work. Does not belong here: what holds of one seed (its description, `seed_files`),
whether a decision can be carried out (dbt), what is done with the series (dbt).

A merger is rows in four files; the one that is forgotten lets a place live on under names that nothing ends.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from orchestration.refresh.seed_rows import Seed

FILES = ("city", "city_status", "city_alias", "city_event")
FOREVER = 9999
ENDS = ("merge", "split", "abolish")
"""Events by which a place may end; merge and abolish always end the place before."""
CHANGES = ("rename", "upgrade")
"""Events after which the same place has another name or level."""

Line = tuple[int, Mapping[str, str]]
Told = tuple[str, str, int]
"""File, what is wrong, line."""


@dataclass(frozen=True)
class _Places:
    """Rows of the four files with their lines, by code."""

    city: Mapping[str, Line]
    status: Mapping[str, list[Line]] = field(default_factory=dict)
    alias: tuple[Line, ...] = ()
    event: tuple[Line, ...] = ()

    def named(self, code: str, year: int) -> str | None:
        """The official name of a place at the end of a year, None where it was not there."""
        for _, row in self.status.get(code, ()):
            if int(row["year_from"]) <= year <= _last(row["year_to"]):
                return row["official_name"]
        return None


def check_places(seeds: Mapping[str, Seed]) -> None:
    """Tell each of the four seeds what others contradict; nothing where one is missing or wrong in itself."""
    if any(name not in seeds or seeds[name].wrong or not seeds[name].rows for name in FILES):
        return
    status: dict[str, list[Line]] = defaultdict(list)
    for line, row in seeds["city_status"].rows:
        status[row["city_code"]].append((line, row))
    places = _Places(
        city={row["city_code"]: (line, row) for line, row in seeds["city"].rows},
        status={
            code: sorted(spans, key=lambda one: int(one[1]["year_from"]))
            for code, spans in status.items()
        },
        alias=tuple(seeds["city_alias"].rows),
        event=tuple(seeds["city_event"].rows),
    )
    for check in (_lives, _spans, _aliases, _events):
        for name, problem, line in check(places):
            seeds[name].tell(problem, line)


def _last(year: str) -> int:
    return int(year) if year else FOREVER


def _state(span: Mapping[str, str]) -> tuple[str, str]:
    return span["official_name"], span["level"]


def _lives(places: _Places) -> Iterator[Told]:
    """A place begins and ends with an event."""
    begun = {(row["to_code"], int(row["year"])) for _, row in places.event}
    ended = {(row["from_code"], int(row["year"])) for _, row in places.event if row["kind"] in ENDS}
    earliest = min(int(row["first_year"]) for _, row in places.city.values())
    for code, (line, row) in places.city.items():
        first, last = int(row["first_year"]), _last(row["last_year"])
        if first > earliest and (code, first) not in begun:
            yield (
                "city",
                f"first_year: {code} {row['name_zh']} begins in {first}, and no event leads to it; add its"
                f" establish of {first} to city_event.csv",
                line,
            )
        if last < FOREVER and (code, last + 1) not in ended:
            yield (
                "city",
                f"last_year: {code} {row['name_zh']} ends with {last}, and no event says where it went; add its"
                f" merge, split or abolish of {last + 1} to city_event.csv",
                line,
            )


def _spans(places: _Places) -> Iterator[Told]:
    """The spans of a place join, begin and end with it, and part at a rename or upgrade."""
    changed = {(row["to_code"], row["year"]) for _, row in places.event if row["kind"] in CHANGES}
    for code, (line, city) in places.city.items():
        spans = places.status.get(code, [])
        if not spans:
            yield "city", f"city_code: city_status.csv has no row of {code} {city['name_zh']}", line
            continue
        for (_, before), (at, after) in pairwise(spans):
            if _last(before["year_to"]) + 1 != int(after["year_from"]):
                yield (
                    "city_status",
                    f"year_from: the span of {code} before this one ends with"
                    f" {before['year_to'] or 'no year'}; expected the year after",
                    at,
                )
            if (code, after["year_from"]) not in changed and _state(before) != _state(after):
                yield (
                    "city_status",
                    f"year_from: {code} has another name or level from {after['year_from']} on, and no event says"
                    " so; add its rename or upgrade of that year to city_event.csv",
                    at,
                )
        first, (at, last) = spans[0], spans[-1]
        if first[1]["year_from"] != city["first_year"]:
            problem = (
                f"year_from: {code} begins in {city['first_year']} by city.csv; expected the same"
            )
            yield "city_status", problem, first[0]
        if last["year_to"] != city["last_year"]:
            said = f"ends with {city['last_year']}" if city["last_year"] else "goes on"
            problem = (
                f"year_to: {code} {said} by city.csv; expected {city['last_year'] or 'no year'!r}"
            )
            yield "city_status", problem, at
        for column, of_city in (("official_name", "name_zh"), ("level", "level")):
            if last[column] != city[of_city]:
                problem = f"{column}: city.csv has {city[of_city]!r} for {code}"
                yield "city_status", f"{problem}; expected the same in the last span", at


def _aliases(places: _Places) -> Iterator[Told]:
    """Names end with their place, and every official name is among them."""
    official: dict[tuple[str, str], list[tuple[int, int]]] = defaultdict(list)
    for line, row in places.alias:
        code = row["city_code"]
        known = places.city.get(code)
        if row["kind"] == "official":
            official[code, row["alias"]].append((int(row["year_from"] or 0), _last(row["year_to"])))
        if known is not None and _last(row["year_to"]) > _last(known[1]["last_year"]):
            problem = (
                f"year_to: {row['alias']} outlives {code}, which ends with {known[1]['last_year']}"
            )
            yield "city_alias", f"{problem} by city.csv; write that year", line
    for code, spans in places.status.items():
        for line, row in spans:
            first, last, name = int(row["year_from"]), _last(row["year_to"]), row["official_name"]
            if not any(since <= first and last <= until for since, until in official[code, name]):
                years = f"{first} to {row['year_to']}" if row["year_to"] else f"{first} on"
                problem = f"official_name: city_alias.csv has no {name} of {code} from {years}"
                yield "city_status", f"{problem}; add it, of kind official", line


def _events(places: _Places) -> Iterator[Told]:
    """An event ends, begins or renames what it says, and calls places by their names of the time."""
    for line, row in places.event:
        year, kind = int(row["year"]), row["kind"]
        gone, into = places.city.get(row["from_code"]), places.city.get(row["to_code"])
        if (
            kind in ("merge", "abolish")
            and gone is not None
            and row["from_code"] != row["to_code"]
            and _last(gone[1]["last_year"]) != year - 1
        ):
            ends = gone[1]["last_year"]
            said = f"lets it end with {ends}" if ends else "lets it go on"
            problem = (
                f"last_year: {row['event_id']} takes {row['from_code']} away, and this row {said}"
            )
            yield "city", f"{problem}; expected {year - 1}", gone[0]
            continue
        if kind == "establish" and into is not None and int(into[1]["first_year"]) != year:
            problem = f"first_year: {row['event_id']} founds {row['to_code']}; expected {year}"
            yield "city", f"{problem}, found {into[1]['first_year']}", into[0]
            continue
        spans = [span for _, span in places.status.get(row["to_code"], ())]
        if kind in CHANGES and spans and not any(int(span["year_from"]) == year for span in spans):
            problem = (
                f"year: {row['event_id']} changes name or level, and city_status.csv has no span of"
            )
            yield "city_event", f"{problem} {row['to_code']} that begins in {year}", line
            continue
        for which, at in (("from", year - 1), ("to", year)):
            code = row[f"{which}_code"]
            if not code or code not in places.status:
                continue
            name = places.named(code, at)
            if name is None:
                yield (
                    "city_event",
                    f"{which}_code: {code} was not there in {at} by city_status.csv",
                    line,
                )
            elif name != row[f"{which}_name"]:
                problem = f"{which}_name: {code} was called {name} in {at} by city_status.csv"
                yield "city_event", f"{problem}, and not {row[f'{which}_name']}", line
