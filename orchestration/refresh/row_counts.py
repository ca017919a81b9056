"""Expected rows per mart and year: written from a release, kept in git, compared with the next one.

Belongs here: counting a release and comparing with `seeds/expected_row_count.csv`. Does not belong
here: checks inside a refresh: a user's own inbox has other counts, and only those named are known.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from orchestration.engine import warehouse
from orchestration.releases.manifest import Release, ReleaseError
from orchestration.settings import REPO

SEED = REPO / "seeds" / "expected_row_count.csv"
COLUMNS = ("input", "mart", "year", "rows")
SAMPLE = "sample"
SHOWN_OF_A_MART = 4
"""Differences of one mart that are printed line by line."""

Counts = dict[tuple[str, int | None], int]
"""Rows by mart and year; the year None stands for the whole mart."""

WITH_YEAR = """
select table_name
from information_schema.columns
where table_catalog = current_database() and table_schema = 'marts' and column_name = 'year'
"""


@dataclass(frozen=True)
class Difference:
    """A mart and year (None: all of it) with other rows than expected; None where there is no row."""

    mart: str
    year: int | None
    expected: int | None
    found: int | None

    def __str__(self) -> str:
        place = self.mart if self.year is None else f"{self.mart} in {self.year}"
        return f"{place}: expected {_number(self.expected)}, found {_number(self.found)}"


def _number(rows: int | None) -> str:
    return "none" if rows is None else f"{rows:,}"


def count_release(release: Release) -> Counts:
    """Rows of every mart of a release, in all and by year where it has years."""
    counts: Counts = {}
    with warehouse.open_release(release.warehouse) as connection:
        with_year = {name for (name,) in connection.rows(WITH_YEAR)}
        for name, rows in connection.row_counts(("marts",)).items():
            mart = name.removeprefix("marts.")
            counts[mart, None] = rows
            if mart in with_year:
                for year, in_year in connection.rows(
                    f'select year, count(*) from marts."{mart}" where year is not null group by year'
                ):
                    counts[mart, int(year)] = int(in_year)
    return counts


def _sort_key(key: tuple[str, int | None]) -> tuple[str, int]:
    return key[0], key[1] or 0


def read_expected(path: Path = SEED) -> dict[str, Counts]:
    """The expected counts by input."""
    expected: dict[str, Counts] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            year = int(row["year"]) if row["year"] else None
            expected.setdefault(row["input"], {})[row["mart"], year] = int(row["rows"])
    return expected


def write_expected(name: str, counts: Counts, path: Path = SEED) -> list[Difference]:
    """Replace the counts of one input; those of the others stay. What changed."""
    kept = read_expected(path) if path.is_file() else {}
    changed = compare(kept.get(name, {}), counts)
    kept[name] = counts
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for one in sorted(kept):
            for mart, year in sorted(kept[one], key=_sort_key):
                writer.writerow([one, mart, "" if year is None else year, kept[one][mart, year]])
    return changed


def compare(expected: Counts, found: Counts) -> list[Difference]:
    """Every mart and year with other rows than expected, in order."""
    return [
        Difference(mart, year, expected.get((mart, year)), found.get((mart, year)))
        for mart, year in sorted({*expected, *found}, key=_sort_key)
        if expected.get((mart, year)) != found.get((mart, year))
    ]


def in_short(differences: list[Difference]) -> list[str]:
    """A line per difference; of a mart with many the whole, the first years and how many more."""
    lines = []
    by_mart: dict[str, list[Difference]] = {}
    for one in differences:
        by_mart.setdefault(one.mart, []).append(one)
    for mart, found in by_mart.items():
        shown = found if len(found) <= SHOWN_OF_A_MART else found[: SHOWN_OF_A_MART - 1]
        lines += [str(one) for one in shown]
        if len(shown) < len(found):
            rest = [one.year for one in found[len(shown) :]]
            lines.append(
                f"{mart}: {len(rest)} more years up to {max(map(int, filter(None, rest)))}"
            )
    return lines


def refuse_other_kind(name: str, release: Release) -> None:
    """Keep the sample's counts and real ones apart; raises ReleaseError."""
    simulated = release.manifest.get("data_kind") == "simulated"
    if (name == SAMPLE) != simulated:
        raise ReleaseError(
            f"{release.folder} holds {release.manifest.get('data_kind')} figures, so its counts are not"
            f" those of {name!r}: give --release with a release of that input"
        )
