"""Small inboxes: workbooks in the panel layout of a yearbook, written for one test.

Belongs here: writing files. Does not belong here: what becomes of them.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path

import xlsxwriter

REPO = Path(__file__).resolve().parents[2]
YEARBOOK = "中国城市统计年鉴2015"
YEARS = (2012, 2013, 2014)
GDP, PER_HEAD = "地区生产总值(万元)", "人均地区生产总值(元)"


@cache
def cities(number: int) -> tuple[tuple[str, str], ...]:
    """Code and name of cities that exist in all years, in order of code."""
    with (REPO / "seeds" / "city.csv").open(encoding="utf-8") as file:
        found = [
            (row["city_code"], row["name_zh"])
            for row in csv.DictReader(file)
            if row["level"] == "prefecture_city"
            and row["first_year"] == "1995"
            and not row["last_year"]
        ]
    return tuple(found[:number])


def gdp_of(code: str, year: int) -> int:
    """An invented figure in 10,000 yuan, smooth over the years and different by city."""
    base = 1_000_000 + int(code) * 7
    return base + (year - YEARS[0]) * (base // 20)


def write_rows(path: Path, rows: Iterable[Sequence[object]], sheet: str = "2-4") -> Path:
    """A workbook of one sheet."""
    path.parent.mkdir(parents=True, exist_ok=True)
    book = xlsxwriter.Workbook(str(path))
    page = book.add_worksheet(sheet)
    for position, row in enumerate(rows):
        page.write_row(position, 0, row)
    book.close()
    return path


def panel_rows(
    number: int, years: Sequence[int] = YEARS, more: Mapping[str, object] | None = None
) -> list[list[object]]:
    """Heading and rows city x year of GDP and GDP per head; `more` adds columns: name -> function."""
    extra = dict(more or {})
    rows: list[list[object]] = [["城市", "年份", GDP, PER_HEAD, *extra]]
    for code, name in cities(number):
        for year in years:
            gdp = gdp_of(code, year)
            rows.append(
                [name, year, gdp, gdp // 100, *(make(code, year) for make in extra.values())]  # type: ignore[operator]
            )
    return rows


def good_inbox(folder: Path, number: int = 60) -> Path:
    """An inbox of one good workbook."""
    write_rows(folder / YEARBOOK / "2-4 good.xlsx", panel_rows(number))
    return folder


def tree(folder: Path) -> dict[str, tuple[str, int, int]]:
    """Hash, inode and time of change (ns) of every file below a folder."""
    return {
        path.relative_to(folder).as_posix(): (
            hashlib.sha256(path.read_bytes()).hexdigest(),
            path.stat().st_ino,
            path.stat().st_mtime_ns,
        )
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
