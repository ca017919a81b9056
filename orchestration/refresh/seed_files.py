"""Slips in seeds, told before the work: what dbt's tests of seeds would say a minute later, with file and line.

Belongs here: holding the files of `seeds/` against what their descriptions (`seeds/_seeds_*.yml`) say:
columns, types, and the data tests not_null, unique, unique_combination, accepted_values and
relationships. Does not belong here: a rule of its own about any seed (it goes into the description,
where dbt asks it too), what seeds of places say of each other (`place_files`), tests that need more than seeds
(dbt's singular tests).
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from orchestration.errors import CitypanelError
from orchestration.refresh.place_files import check_places
from orchestration.refresh.seed_rows import Seed, asks
from orchestration.settings import REPO

SEEDS = REPO / "seeds"
TESTS_OF_COLUMNS = ("not_null", "unique", "accepted_values", "relationships")
TESTS_OF_FILES = ("unique_combination",)
"""Data tests that are asked here too; dbt asks any other after loading."""

LINES_NAMED = 10
HINTS = 40
"""Searches for what was meant, at most: the nearest of 400 codes takes ten milliseconds to find."""

_REF = re.compile(r"""ref\(\s*['"](\w+)['"]\s*\)""")
_WHOLE = re.compile(r"[+-]?\d+")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


class SeedError(CitypanelError):
    """Seeds can't be used; the message names file, line and column, and what was expected."""


@dataclass(frozen=True)
class Described:
    """A seed as its description states it: columns in order, types, and data tests as (name, arguments)."""

    name: str
    columns: tuple[str, ...]
    types: Mapping[str, str]
    of_columns: tuple[tuple[str, str, Mapping[str, Any]], ...]
    of_file: tuple[tuple[str, Mapping[str, Any]], ...]


class _Hints:
    """The nearest known name, looked for a bounded number of times."""

    def __init__(self) -> None:
        self._left = HINTS

    def __call__(self, name: str, known: Iterable[str]) -> str:
        from analysis.study.hints import did_you_mean

        if self._left == 0:
            return ""
        self._left -= 1
        return did_you_mean(name, tuple(known))


def check_seeds(folder: Path = SEEDS) -> None:
    """Read all seeds; raises SeedError with everything wrong in every file, or in its description."""
    described = read_descriptions(folder)
    files = {file.stem: file for file in sorted(folder.glob("*.csv"))}
    hints = _Hints()
    told = [
        f"seed file {file}: no seed is described under this name{hints(name, described)}; correct"
        " the name, or describe it in one of _seeds_*.yml"
        for name, file in files.items()
        if name not in described
    ]
    seeds = {}
    for name, description in described.items():
        if name in files:
            seeds[name] = _read(files[name], description, hints)
        else:
            told.append(f"seed file {folder / name}.csv: it is described and missing")
    for name, seed in seeds.items():
        _check_types(seed, described[name])
        _check_file(seed, described[name])
        for column, test, arguments in described[name].of_columns:
            if column in seed.heading and asks(arguments):
                _COLUMN_CHECKS[test](seed, column, arguments, seeds, hints)
    check_places(seeds)
    told += [_message(seed) for _, seed in sorted(seeds.items()) if seed.wrong]
    if told:
        raise SeedError("\n".join(told))


def read_descriptions(folder: Path = SEEDS) -> dict[str, Described]:
    """Every seed that a file of descriptions names; raises SeedError for a file that can't be read."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    described = {}
    for file in sorted(folder.glob("*.yml")):
        try:
            content = yaml.load(file.read_text(encoding="utf-8"), Loader=loader)  # noqa: S506
            for seed in content["seeds"]:
                described[seed["name"]] = _described(seed)
        except yaml.YAMLError as error:
            raise SeedError(f"{file}: not readable as YAML: {error}") from error
        except (KeyError, TypeError, AttributeError) as error:
            raise SeedError(
                f"{file}: expected `seeds`, a list with name and columns of each, as dbt reads it"
                f" ({type(error).__name__}: {error})"
            ) from error
    return described


def _described(seed: Mapping[str, Any]) -> Described:
    return Described(
        name=seed["name"],
        columns=tuple(column["name"] for column in seed["columns"]),
        types=seed.get("config", {}).get("column_types", {}),
        of_columns=tuple(
            (column["name"], *test)
            for column in seed["columns"]
            for test in _tests(column, TESTS_OF_COLUMNS)
        ),
        of_file=tuple(_tests(seed, TESTS_OF_FILES)),
    )


def _tests(
    node: Mapping[str, Any], known: tuple[str, ...]
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Data tests of a seed or a column that are asked here, with the `where` of their rows if any."""
    for test in node.get("data_tests", ()):
        name, body = (test, {}) if isinstance(test, str) else next(iter(test.items()))
        if name in known:
            yield name, {**body.get("arguments", {}), **body.get("config", {})}


def _read(file: Path, described: Described, hints: _Hints) -> Seed:
    """Rows of a file; what can't be parted into the fields of the heading is told and left out."""
    seed = Seed(file)
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        seed.tell("not in UTF-8; save the file as CSV UTF-8", line)
        seed.torn = True
        return seed
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    begins = 1
    try:
        for fields in reader:
            if begins == 1:
                seed.heading = tuple(fields)
                _check_heading(seed, described, hints)
            elif len(fields) != len(seed.heading):
                seed.torn = True
                seed.tell(_fields(len(fields), len(seed.heading)), begins)
            else:
                seed.rows.append((begins, dict(zip(seed.heading, fields, strict=True))))
            begins = reader.line_num + 1
    except csv.Error as error:
        seed.torn = True
        seed.tell(f'not readable as CSV ({error}); a text that begins with " ends with "', begins)
    if not seed.heading and not seed.wrong:
        seed.tell(f"no heading; expected {','.join(described.columns)}", 1)
    return seed


def _fields(found: int, expected: int) -> str:
    if found == 0:
        return "an empty line; take it out"
    why = "put a text that holds a comma in quotes" if found > expected else "a comma is missing"
    return f"{found} fields, and the heading has {expected}; {why}"


def _check_heading(seed: Seed, described: Described, hints: _Hints) -> None:
    seen: set[str] = set()
    missing = [name for name in described.columns if name not in seed.heading]
    for name in seed.heading:
        if name in seen:
            seed.tell(f"the column {name!r} stands twice", 1)
        elif name not in described.columns:
            seed.tell(
                f"no column {name!r} is described{hints(name, missing or described.columns)};"
                f" there are {', '.join(described.columns)}",
                1,
            )
        seen.add(name)
    for name in missing:
        seed.tell(f"the column {name!r} is missing", 1)


def _is_date(value: str) -> bool:
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


_TYPES: dict[str, tuple[Callable[[str], object], str]] = {
    "integer": (_WHOLE.fullmatch, "a whole number"),
    "bigint": (_WHOLE.fullmatch, "a whole number"),
    "double": (_NUMBER.fullmatch, "a number"),
    "boolean": (lambda value: value.lower() in ("true", "false"), "true or false"),
    "date": (_is_date, "a date as 2024-12-31"),
}


def _check_types(seed: Seed, described: Described) -> None:
    for column, kind in described.types.items():
        if kind not in _TYPES:
            continue
        fits, expected = _TYPES[kind]
        for line, value in seed.column(column):
            if not fits(value):
                seed.tell(f"{column}: expected {expected}, found {value!r}", line)


def _check_file(seed: Seed, described: Described) -> None:
    for _, arguments in described.of_file:
        if not asks(arguments):
            continue
        columns, rows = arguments["columns"], seed.asked(arguments.get("where"))
        keys = [(line, tuple(row.get(name, "") for name in columns)) for line, row in rows]
        _tell_twice(seed, ", ".join(columns), keys, lambda key: ", ".join(map(repr, key)))


def _tell_twice(
    seed: Seed, what: str, keys: list[tuple[int, Any]], shown: Callable[[Any], str]
) -> None:
    lines: dict[Any, list[int]] = {}
    for line, key in keys:
        lines.setdefault(key, []).append(line)
    for key, found in lines.items():
        for line in found if len(found) > 1 else ():
            seed.tell(f"{what}: {shown(key)} stands more than once; keep one of the rows", line)


def _check_not_null(seed: Seed, column: str, arguments: Mapping[str, Any], *_: object) -> None:
    for line, row in seed.asked(arguments.get("where")):
        if not row[column]:
            seed.tell(f"{column}: a value is missing", line)


def _check_unique(seed: Seed, column: str, arguments: Mapping[str, Any], *_: object) -> None:
    _tell_twice(seed, column, seed.column(column, arguments.get("where")), repr)


def _check_accepted(
    seed: Seed, column: str, arguments: Mapping[str, Any], _: object, hints: _Hints
) -> None:
    accepted = [str(value) for value in arguments["values"]]
    for value, lines in _by_value(seed, column, set(accepted), arguments.get("where")):
        hint = hints(value, accepted)
        for line in lines:
            seed.tell(
                f"{column}: expected one of {', '.join(accepted)}, found {value!r}{hint}", line
            )


def _check_reference(
    seed: Seed, column: str, arguments: Mapping[str, Any], seeds: Mapping[str, Seed], hints: _Hints
) -> None:
    ref = _REF.fullmatch(arguments["to"].strip())
    target = seeds.get(ref[1]) if ref else None
    if target is None or target.torn or arguments["field"] not in target.heading:
        return  # a model, which dbt asks, or a seed that is told wrong itself
    known = {value for _, value in target.column(arguments["field"])}
    for value, lines in _by_value(seed, column, known, arguments.get("where")):
        hint = hints(value, sorted(known))
        for line in lines:
            seed.tell(f"{column}: {target.file.name} has no {value!r}{hint}", line)


def _by_value(
    seed: Seed, column: str, known: set[str], where: str | None
) -> Iterable[tuple[str, list[int]]]:
    """Values that aren't known, with their lines."""
    lines: dict[str, list[int]] = {}
    for line, value in seed.column(column, where):
        if value not in known:
            lines.setdefault(value, []).append(line)
    return lines.items()


_COLUMN_CHECKS: dict[str, Callable[..., None]] = {
    "not_null": _check_not_null,
    "unique": _check_unique,
    "accepted_values": _check_accepted,
    "relationships": _check_reference,
}


def _message(seed: Seed) -> str:
    """What is wrong in a file, by line."""
    lines = [f"seed file {seed.file}:"]
    for problem, found in sorted(seed.wrong.items(), key=lambda one: one[1][0]):
        named = ", ".join(str(line) for line in found[:LINES_NAMED])
        more = len(found) - LINES_NAMED
        further = f" and {more} more" if more > 0 else ""
        lines.append(f"  line{'s' if len(found) > 1 else ''} {named}{further}: {problem}")
    return "\n".join(lines)
