"""docs/annual-update.md and docs/how-to/record-a-change-of-cities.md followed to the letter.

A new edition comes with a renamed heading, another unit, a city that was merged into another, ten revised
figures and one misprint. Each must be told by the message that the pages name, go away by the rows that
they say, and stand in the diff.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pytest
from e2e_checkout import Row, add_row, change_rows, new_checkout, run_in
from e2e_inbox import YEARBOOK, YEARS, cities, gdp_of, panel_rows, write_rows
from e2e_process import Finished, Refreshed

CITIES = 60
LAST, NEW = 2014, 2015
EDITION = "中国城市统计年鉴2016"
GONE, INTO = "230700", "230600"
"""The last of the small inbox' cities, and its neighbour."""
REVISED, MISPRINTED = 10, 20
"""Cities whose figure of the year before is revised; the place of the one that is misprinted."""


def new_edition(inbox: Path) -> None:
    """Figures of the last and the new year in 100 million yuan, GDP per head under another heading."""
    rows: list[list[object]] = [["城市", "年份", "地区生产总值(亿元)", "人均地区生产总值额(元)"]]
    for place, (code, name) in enumerate(cities(CITIES - 1)):
        for year in (LAST, NEW):
            gdp = gdp_of(code, year) * (1.004 if (year, place < REVISED) == (LAST, True) else 1)
            slip = 100 if (year, place) == (NEW, MISPRINTED) else 1
            rows.append([name, year, round(gdp * slip / 10_000, 4), gdp_of(code, year) // 100])
    write_rows(inbox / EDITION / "2-4 new.xlsx", rows)


def said_of(finished: Finished, rule: str) -> str:
    _, at, shown = finished.err.partition(f"{rule}: failed")
    assert at, f"{rule} did not stop it:\n{finished.said}"
    return shown


def it_stops_and_names_the_misprint_and_the_city(checkout: Path, inbox: Path) -> None:
    stopped = run_in(checkout, "refresh", "--inbox", inbox)
    assert stopped.code == 1, stopped.said
    misprint = said_of(stopped, "denominator_misprinted")
    row = 2 * MISPRINTED + 3
    assert f"{EDITION}/2-4 new.xlsx, sheet '2-4', C{row}" in misprint
    assert "seeds/correction.csv" in misprint
    alone = said_of(stopped, "city_goes_alone")
    assert GONE in alone
    assert "seeds/city_event.csv" in alone
    assert "columns_set_aside" in stopped.err
    assert "人均地区生产总值额" in stopped.err
    assert "indicator_year_thin" in stopped.err


def the_misprint_is_corrected(checkout: Path) -> None:
    """`expected_value` as the page says where to take it from: the unfinished warehouse."""
    code = cities(CITIES)[MISPRINTED][0]
    (unfinished,) = (checkout / "release" / ".build").glob("*/building.duckdb")
    with duckdb.connect(str(unfinished), read_only=True) as connection:
        found = connection.execute(
            "select value from marts.indicator_value"
            " where city_code = ? and year = ? and indicator_code = 'gdp'",
            [code, NEW],
        ).fetchone()
    assert found is not None
    add_row(
        checkout, "correction",
        {
            "correction_id": "2016-001", "city_code": code, "year": NEW, "indicator_code": "gdp",
            "scope": "total", "expected_value": found[0], "corrected_value": gdp_of(code, NEW),
            "reason": "a hundred times too large", "source": "the edition before",
            "decided_by": "a tester",
        },
    )  # fmt: skip


def the_event_is_written(checkout: Path) -> None:
    name = dict(cities(CITIES))
    add_row(
        checkout, "city_event",
        {
            "event_id": f"{NEW}-merge-{GONE}-{INTO}", "year": NEW, "kind": "merge",
            "from_code": GONE, "from_name": name[GONE], "to_code": INTO, "to_name": name[INTO],
            "decision": "add_into", "reason": "an invented merger", "source": "a test",
        },
        before=f"{NEW}-merge-{GONE}-{INTO}",
    )  # fmt: skip


def the_city_ends_in_each_seed_that_is_named(checkout: Path, inbox: Path) -> None:
    """Follow what it says until it begins to read files."""

    def ended(row: Row) -> Row:
        if row["city_code"] != GONE:
            return {}
        return {("last_year" if "last_year" in row else "year_to"): str(LAST)}

    for seed in ("city", "city_status", "city_alias"):
        refused = run_in(checkout, "refresh", "--inbox", inbox)
        assert refused.code == 2, refused.said
        assert "· read files" not in refused.err
        assert f"{seed}.csv:\n  line " in refused.err, refused.said
        assert change_rows(checkout, seed, ended)


def the_heading_is_mapped(checkout: Path, inbox: Path) -> None:
    """The row that `headings suggest` puts first."""
    suggested = run_in(checkout, "headings", "suggest", inbox / EDITION / "2-4 new.xlsx")
    assert suggested.code == 0, suggested.said
    first = next(line for line in suggested.out.splitlines() if "人均地区生产总值额" in line)
    assert ",value,gdp_per_capita," in first, suggested.out
    with (checkout / "seeds" / "heading.csv").open("a", encoding="utf-8") as file:
        file.write(first + "\n")


def all_is_as_it_should_be(warehouse: Path) -> None:
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        gdp: dict[tuple[str, int], float] = {
            (code, year): value
            for code, year, value in connection.execute(
                "select city_code, year, value from marts.indicator_value"
                " where indicator_code = 'gdp' and scope = 'total'"
            ).fetchall()
        }
        (per_head,) = connection.execute(
            "select count(*) from marts.indicator_value"
            f" where indicator_code = 'gdp_per_capita' and year = {NEW}"
        ).fetchone() or (0,)
    assert per_head == CITIES - 1
    assert not [key for key in gdp if key[0] == GONE], "its figures went into the other"
    for place, (code, _) in enumerate(cities(CITIES - 1)):
        more = gdp_of(GONE, LAST) if code == INTO else 0
        revised = 1.004 if place < REVISED else 1
        assert gdp[code, LAST] == pytest.approx(gdp_of(code, LAST) * revised + more, abs=1)
        assert gdp[code, NEW] == pytest.approx(gdp_of(code, NEW), abs=1)


@pytest.mark.verify
def test_a_new_edition_from_inbox_to_diff(small: Refreshed, tmp_path: Path) -> None:
    assert small.inbox is not None
    checkout, inbox = new_checkout(tmp_path / "checkout"), tmp_path / "inbox"
    shutil.copytree(small.inbox, inbox)
    write_rows(inbox / YEARBOOK / "2-4 good.xlsx", panel_rows(CITIES))
    first = run_in(checkout, "refresh", "--inbox", inbox)
    assert first.code == 0, first.said
    new_edition(inbox)

    it_stops_and_names_the_misprint_and_the_city(checkout, inbox)
    the_misprint_is_corrected(checkout)
    the_event_is_written(checkout)
    the_city_ends_in_each_seed_that_is_named(checkout, inbox)
    the_heading_is_mapped(checkout, inbox)

    made = run_in(checkout, "refresh", "--inbox", inbox)
    assert made.code == 0, made.said
    drafted = checkout / "release" / "draft"
    placed = drafted if drafted.exists() else checkout / "release" / "current"
    all_is_as_it_should_be(placed / "warehouse.duckdb")
    changes = (placed / "CHANGES.md").read_text(encoding="utf-8")
    # The sums of the two cities, a figure for each year of the one that went, stand with them.
    assert f"Printed figures that were revised ({REVISED + len(YEARS)})" in changes, changes
    for _, name in cities(REVISED):
        assert f"| gdp | `{name}` | {LAST} |" in changes
    assert f"| `gone` | `{dict(cities(CITIES))[GONE]}` |" in changes
