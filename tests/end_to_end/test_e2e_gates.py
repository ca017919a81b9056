"""What stops a refresh: critical checks, dbt tests, an inbox of nothing but broken files.

Each time the release that stood before must stand after, byte for byte, and the rows that failed
must show. Warnings, which let a release pass, are in test_e2e_hostile.
"""

from __future__ import annotations

import csv
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from e2e_checkout import add_row, new_checkout, run_in
from e2e_inbox import (
    REPO,
    YEARBOOK,
    YEARS,
    cities,
    gdp_of,
    panel_rows,
    tree,
    write_rows,
)
from e2e_process import CommandLine, Finished, Refreshed

CITIES = 60
INDUSTRY = "工业增加值(万元)"


def fewer_cities_and_strangers(inbox: Path) -> None:
    rows = panel_rows(CITIES - 10)
    for number in range(10):
        rows += [[f"无名{number}市", year, 1_000_000 + year, 10_000] for year in YEARS]
    write_rows(inbox / YEARBOOK / "2-4 good.xlsx", rows)


def share_above_one(inbox: Path) -> None:
    rows = panel_rows(CITIES, more={INDUSTRY: lambda code, year: 3 * gdp_of(code, year)})
    write_rows(inbox / YEARBOOK / "2-4 good.xlsx", rows)


def text_everywhere(inbox: Path) -> None:
    rows = panel_rows(CITIES)
    for row in rows[5::5]:
        row[2] = "不详的数字"
    write_rows(inbox / YEARBOOK / "2-4 good.xlsx", rows)


def nothing_but_broken(inbox: Path) -> None:
    shutil.rmtree(inbox / YEARBOOK)
    (inbox / "broken.xlsx").write_bytes(b"PK\x03\x04 no workbook")
    (inbox / "empty.csv").write_bytes(b"")


# What is done to the inbox, the step that is not reached, and words of the rows of each rule that fails.
STOPPED: dict[str, tuple[Callable[[Path], None], str, dict[str, list[str]]]] = {
    "coverage drops, names unknown": (
        fewer_cities_and_strangers, "build indices",
        {"coverage_kept": ["gdp", "180", "150"], "unplaced_share_bearable": ["unplaced", "placed"]},
    ),
    "a share of 300 %": (
        share_above_one, "estimate studies", {"industrialisation_is_a_share": ["3.0", "130100"]},
    ),
    "unreadable cells": (
        text_everywhere, "build indicators",
        {"unreadable_share_bearable": ["unreadable", "resolved"]},
    ),
    "only broken files": (
        nothing_but_broken, "build indicators", {"observations_present": ["expected", "at least 1"]},
    ),
}  # fmt: skip


# ---- pages whose meaning stands outside their headings


def page(path: Path, title: str, unit: str, heading: str, figures: dict[str, float]) -> None:
    """A page with a title and a unit above its table."""
    rows: list[list[object]] = [[title], [unit], ["城市", heading]]
    write_rows(path, [*rows, *([city, figure] for city, figure in figures.items())])


def residents(share: float) -> dict[str, float]:
    """Residents of the census of 2010 in 10,000, or a share of them, by city."""
    with (REPO / "seeds" / "census_population.csv").open(encoding="utf-8") as file:
        counted = {
            row["city_code"]: int(row["residents"])
            for row in csv.DictReader(file)
            if row["census_year"] == "2010"
        }
    return {
        name: round(share * counted[code] / 10_000, 2)
        for code, name in cities(CITIES)
        if code in counted
    }


OUTSIDE_THE_HEADING = {
    "2-5 part.xlsx": ("2-5 2014年1-6月地区生产总值", "part_of_a_year"),
    "2-6 per head.xlsx": ("2-6 人均地区生产总值", "other_measure"),
    "2-7 growth.xlsx": ("2-7 地区生产总值比上年增长", "other_measure"),
    "2-8 prices.xlsx": ("2-8 地区生产总值（2000年不变价）", "other_measure"),
}
"""Pages of GDP whose titles say that it is none, and why their figures are set aside."""


def test_pages_that_mean_something_else_are_stopped_by_page_and_cause(
    citypanel: CommandLine, copy: Refreshed
) -> None:
    """A small version of a real panel with eight such pages, which once were released."""
    assert copy.inbox is not None
    folder = copy.inbox / YEARBOOK
    gdp = {name: gdp_of(code, 2014) for code, name in cities(CITIES)}
    for name, (title, _) in OUTSIDE_THE_HEADING.items():
        page(
            folder / name,
            title,
            "单位：万元",
            "地区生产总值",
            {c: 0.47 * v for c, v in gdp.items()},
        )
    before = tree(copy.release / "archive")
    finished = citypanel.refresh(copy.inbox, copy.release)
    assert_stopped(finished, copy, before)
    shown = finished.err.partition("unreadable_share_bearable: failed")[2]
    assert "other_measure" in shown
    assert re.search(rf"printed in\n    {YEARBOOK}/2-[678] .*\.xlsx, sheet '2-4', B\d", shown)
    (built,) = (copy.release / ".build").glob("*/building.duckdb")
    with duckdb.connect(str(built), read_only=True) as connection:
        found = connection.execute(
            "select distinct sheet.relative_path, cell.reason from staging.stg_yearbook__quarantine as cell "
            "inner join staging.stg_yearbook__sheet as sheet "
            "on split_part(cell.cell_id, '!', 1) = sheet.file_key"
        ).fetchall()
        (cell,) = connection.execute(
            "select min(cell_id) from staging.stg_yearbook__quarantine where reason = 'part_of_a_year'"
        ).fetchone()
    assert {path.split("/")[-1]: reason for path, reason in found} == {
        name: reason for name, (_, reason) in OUTSIDE_THE_HEADING.items()
    }
    traced = citypanel.run("trace", cell, "--release", copy.release)
    assert traced.code == 0, traced.said
    where, *page_of, why = traced.out.splitlines()
    assert where == f"in {built}, of a refresh that stopped"
    assert page_of[0].startswith(f"file:   {YEARBOOK}/2-5 part.xlsx (sha256 ")
    assert why.startswith("set aside: part_of_a_year; ")


def test_districts_that_no_word_tells_are_stopped_by_the_typical_city(
    citypanel: CommandLine, copy: Refreshed
) -> None:
    assert copy.inbox is not None
    page(
        copy.inbox / YEARBOOK / "2-1 silent.xlsx",
        "2-1 人口",
        "单位：万人",
        "年末常住人口",
        residents(0.28),
    )
    before = tree(copy.release / "archive")
    finished = citypanel.refresh(copy.inbox, copy.release)
    assert_stopped(finished, copy, before)
    shown = finished.err.partition("typical_city_plausible: failed")[2]
    assert "population_resident" in shown
    assert f"printed in\n    {YEARBOOK}/2-1 silent.xlsx, sheet '2-4', B" in shown
    assert "seeds/plausible_bound.csv" in shown


def assert_stopped(finished: Finished, copy: Refreshed, before: object) -> None:
    assert finished.code == 1, finished.said
    assert "Traceback" not in finished.said
    assert "nothing was released" in finished.out
    assert f"The last release stands as it was: {copy.current.resolve()}" in finished.out
    assert tree(copy.release / "archive") == before
    with duckdb.connect(str(copy.warehouse), read_only=True) as connection:
        assert connection.execute("select count(*) from marts.city_year").fetchone() == (
            CITIES * 3,
        )


@pytest.mark.parametrize("case", STOPPED)
def test_critical_check_stops_what_is_downstream(
    case: str, citypanel: CommandLine, copy: Refreshed
) -> None:
    spoil, not_reached, rules = STOPPED[case]
    assert copy.inbox is not None
    spoil(copy.inbox)
    before = tree(copy.release / "archive")
    finished = citypanel.refresh(copy.inbox, copy.release)
    assert_stopped(finished, copy, before)
    assert f"✓ {not_reached}" not in finished.err
    for rule, words in rules.items():
        _, at, shown = finished.err.partition(f"{rule}: failed")
        assert at, f"{rule} did not fail:\n{finished.err}"
        for word in words:
            assert word in shown, f"{word!r} is not among the rows shown:\n{shown}"


# ---- a dbt test: the guard of a correction

CORRECTION = {
    "correction_id": "test_1", "city_code": "130100", "year": "2013", "indicator_code": "gdp",
    "scope": "total", "corrected_value": "2000000", "reason": "a digit was lost in print",
    "source": "errata of the yearbook", "decided_by": "a tester",
}  # fmt: skip


def test_correction_that_no_longer_fits_stops_the_refresh(copy: Refreshed, tmp_path: Path) -> None:
    """In a checkout of its own, as corrections are seeds; how one is applied: tests/health."""
    checkout = new_checkout(tmp_path / "checkout")
    copy.release.rename(checkout / "release")
    before = tree(checkout / "release" / "archive")
    mended = gdp_of("130100", 2013) + 1  # by the publisher
    add_row(checkout, "correction", {**CORRECTION, "expected_value": float(mended)})
    finished = run_in(checkout, "refresh", "--inbox", copy.inbox)
    assert finished.code == 1, finished.said
    for words in ("corrections_still_needed", "test_1", "check the correction", "rows that failed"):
        assert words in finished.err, finished.said
    assert "✓ build panel" not in finished.err
    assert "The last release stands as it was" in finished.out
    assert tree(checkout / "release" / "archive") == before
