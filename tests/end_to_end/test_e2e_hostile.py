"""Bad input: each kind gets a message and takes nothing with it.

One inbox holds a good workbook and every kind of bad one; a single refresh reads them all. What
stops a refresh altogether is in test_e2e_gates and test_e2e_cli.
"""

from __future__ import annotations

import io
import os
import re
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import duckdb
import msoffcrypto.format.ooxml
import pytest
import xlsxwriter
from e2e_inbox import GDP, PER_HEAD, YEARBOOK, YEARS, cities, gdp_of, panel_rows, write_rows
from e2e_process import CommandLine, Finished, Refreshed, made_once

GOOD = 120  # cities of the good workbook; those after it belong to one bad workbook each
PNG = (
    bytes.fromhex("89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489") + b"\0" * 40
)
LONG = "长" * 80 + ".xlsx"  # 245 bytes, of the 255 that a file system takes
ODD = 'it\'s "odd" & 100% [x]{1}; $(date).xlsx'
FROM_A_ZIP = "2-4 地区.xlsx".encode("gb18030")  # as unzip leaves names from a Chinese Windows


SECTORS = ("第一产业增加值(万元)", "第二产业增加值(万元)", "第三产业增加值(万元)")
ODD_SECTORS = (
    7  # position of the city whose sectors don't add up: 3 of 360 city-years, below what stops
)


def sector(share: float) -> Callable[[str, int], float]:
    odd = cities(GOOD)[ODD_SECTORS][0]
    return lambda code, year: share * gdp_of(code, year) * (1.2 if code == odd else 1)


def one_city(number: int) -> tuple[str, str]:
    """A city that no other workbook has."""
    return cities(200)[GOOD + number]


def rows_of(number: int) -> list[list[object]]:
    code, name = one_city(number)
    return [[name, year, gdp_of(code, year), gdp_of(code, year) // 100] for year in YEARS]


HEADING = ["城市", "年份", GDP, PER_HEAD]
UNKNOWN_CITY = "亚特兰蒂斯市"


def write_hostile(folder: Path) -> Path:
    book = folder / YEARBOOK
    good = write_rows(
        book / "2-4 good.xlsx",
        panel_rows(GOOD, more=dict(zip(SECTORS, map(sector, (0.1, 0.5, 0.4)), strict=True))),
    )
    shutil.copyfile(good, book / "2-4 good again.xlsx")
    stored = good.read_bytes()
    # Refused as whole files.
    (book / "empty.xlsx").write_bytes(b"")
    (book / "picture.xlsx").write_bytes(PNG)
    (book / "truncated.xlsx").write_bytes(stored[: len(stored) // 2])
    (book / "encoding.csv").write_bytes("城市,年份\n".encode() + b"\xff\x80\xff\x80,2014\n")
    (book / "page.xlsx").write_bytes(b"%PDF-1.7\n%%EOF\n")
    with (book / "password.xlsx").open("wb") as locked:
        msoffcrypto.format.ooxml.OOXMLFile(io.BytesIO(stored)).encrypt("secret", locked)
    write_rows(book / "blank.xlsx", [])
    (book / "gone.xlsx").symlink_to(book / "nowhere.xlsx")
    # Read, with cells that can't be used.
    text = [HEADING, *rows_of(0)]
    text[2][2] = "约三百万"
    write_rows(book / "text.xlsx", text)
    write_rows(
        book / "heading.xlsx",
        [[*HEADING, "幸福指数"], *([*row, 7.5] for row in rows_of(1))],
    )
    write_rows(book / "city.xlsx", [HEADING, *rows_of(2), [UNKNOWN_CITY, 2014, 1_234_567, 12_345]])
    twice = rows_of(3)
    write_rows(
        book / "name twice.xlsx",
        [HEADING, *twice, [twice[0][0], 2014, 9_999_999, twice[2][3]]],
    )
    xiangyang = [
        [name, 2014, gdp, 50_000] for name, gdp in (("襄阳市", 3_000_000), ("襄樊", 4_000_000))
    ]
    write_rows(book / "two names.xlsx", [HEADING, *rows_of(4), *xiangyang])
    write_formulas(book / "formulas.xlsx")
    # Names of files.
    write_rows(book / ODD, [HEADING, *rows_of(6)])
    write_rows(book / LONG, [HEADING, *rows_of(7)])
    plain = write_rows(book / "plain.xlsx", [HEADING, *rows_of(8)])
    plain.rename(book / os.fsdecode(FROM_A_ZIP))
    # Passed over.
    (book / ".hidden.xlsx").write_bytes(b"")
    (book / "~$2-4 good.xlsx").write_bytes(b"owner")
    (folder / "sources.csv").write_text(
        "file_pattern,publisher,edition,statistic_year,licence,citation,data_kind\n"
        f'{YEARBOOK}/2-4 good.xlsx,Test Press,2015,,CC0-1.0,"Yearbook, 2015",published\n',
        encoding="gb18030",
    )
    return folder


def write_formulas(path: Path) -> None:
    """Formulas with stored results, and a date where a figure should be."""
    code, name = one_city(5)
    book = xlsxwriter.Workbook(str(path))
    page = book.add_worksheet("2-4")
    page.write_row(0, 0, HEADING)
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    for position, year in enumerate(YEARS, start=1):
        page.write_row(position, 0, [name, year])
        page.write_formula(position, 2, f"={gdp_of(code, year)}*1", None, gdp_of(code, year))
        page.write_datetime(position, 3, date(2014, 12, 31), day)
    book.close()


@pytest.fixture(scope="module")
def hostile(citypanel: CommandLine, run_dir: Path) -> tuple[Finished, Path]:
    def make(folder: Path) -> Refreshed:
        inbox, release = write_hostile(folder / "inbox"), folder / "release"
        return Refreshed(citypanel.refresh(inbox, release), inbox, release)

    made = made_once(run_dir, "hostile", make)
    return made.finished, made.current


@pytest.fixture(scope="module")
def db(hostile: tuple[Finished, Path]):
    with duckdb.connect(str(hostile[1] / "warehouse.duckdb"), read_only=True) as connection:
        yield connection


def test_the_rest_is_released(hostile: tuple[Finished, Path]) -> None:
    finished, _ = hostile
    assert finished.code == 0, finished.said
    assert "Traceback" not in finished.said
    assert "8 files refused" in finished.out


def test_a_warning_shows_with_its_rows_and_passes(hostile: tuple[Finished, Path]) -> None:
    finished, _ = hostile
    assert "NEW indicators.sectors_add_up: 3 new" in finished.err
    log = Path(finished.out.splitlines()[-1].removeprefix("log in ")).read_text(encoding="utf-8")
    shown = log[log.index("indicators.sectors_add_up: warning") :]
    assert cities(GOOD)[ODD_SECTORS][0] in shown


def test_every_good_figure_is_there(db: duckdb.DuckDBPyConnection) -> None:
    found = {
        (code, year): value
        for code, year, value in db.execute(
            "select city_code, year, value from marts.indicator_value where indicator_code = 'gdp'"
            " and value_kind = 'observed'"
        ).fetchall()
    }
    lost = {
        (code, year)
        for code, _ in cities(GOOD)
        for year in YEARS
        if found.get((code, year)) != gdp_of(code, year)
    }
    assert not lost
    assert len({code for code, _ in found}) >= GOOD


REFUSED = {
    "empty.xlsx": "empty",
    "picture.xlsx": "picture",
    "truncated.xlsx": "truncated",
    "encoding.csv": "encoding",
    "page.xlsx": "document",
    "password.xlsx": "password",
    "blank.xlsx": "no-cells",
    "gone.xlsx": "no-file",
}


@pytest.mark.parametrize("name", REFUSED)
def test_whole_file_is_refused_with_a_reason(
    name: str, hostile: tuple[Finished, Path], db: duckdb.DuckDBPyConnection
) -> None:
    finished, current = hostile
    status, code, reason = db.execute(
        "select status, reason_code, reason from raw.yearbook_file where relative_path = ?",
        [f"{YEARBOOK}/{name}"],
    ).fetchone()
    assert (status, code) == ("refused", REFUSED[name])
    (line,) = (line for line in finished.err.splitlines() if f"! refused {YEARBOOK}/{name}" in line)
    assert reason in line
    advice = r"\b(open|save|copy|download|remove|check|give|export|put|convert|delete|expected)\b"
    assert re.search(advice, reason), reason
    assert name in reason
    assert name in (current / "report" / "index.html").read_text(encoding="utf-8")


QUARANTINED = {
    # file: (reason, figures set aside, text of one of them)
    "text.xlsx": ("text_in_number_cell", 1, "约三百万"),
    "heading.xlsx": ("unknown_heading", 3, "7.5"),
    "city.xlsx": ("unknown_city", 2, "1234567"),
    "name twice.xlsx": ("conflict_in_sheet", 2, "9999999"),
    "two names.xlsx": ("city_twice_in_sheet", 2, "4000000"),
    "formulas.xlsx": ("text_in_number_cell", 3, "2014-12-31"),
}


@pytest.mark.parametrize("name", QUARANTINED)
def test_cells_that_cannot_be_used_are_set_aside(
    name: str, hostile: tuple[Finished, Path], db: duckdb.DuckDBPyConnection
) -> None:
    reason, count, text = QUARANTINED[name]
    rows = db.execute(
        "select reason, value_text, cell_id, sheet_name from marts.quarantine where relative_path = ?",
        [f"{YEARBOOK}/{name}"],
    ).fetchall()
    assert [row[0] for row in rows] == [reason] * count
    assert text in {row[1] for row in rows}
    assert all(re.fullmatch(r"[0-9a-f]{12}!0![A-Z]+[0-9]+", row[2]) for row in rows)
    assert {row[3] for row in rows} == {"2-4"}
    assert reason in (hostile[1] / "report" / "index.html").read_text(encoding="utf-8")


def test_trace_leads_to_the_figure_that_was_set_aside(
    citypanel: CommandLine, hostile: tuple[Finished, Path]
) -> None:
    code, _ = one_city(3)
    said = citypanel.run("trace", code, 2014, "gdp", "--release", hostile[1].parent)
    assert said.code == 2, said.said
    assert "2 set aside in marts.quarantine, as " in said.err
    assert "name twice.xlsx, sheet '2-4', C" in said.err
    assert "conflict_in_sheet" in said.err
    assert "there are 2 of 2012 to 2013 (total)" in said.err


def test_a_year_twice_keeps_both_figures_out(db: duckdb.DuckDBPyConnection) -> None:
    code, _ = one_city(3)
    years = dict(
        db.execute(
            "select year, value from marts.indicator_value where city_code = ?"
            " and indicator_code = 'gdp' and value_kind = 'observed'",
            [code],
        ).fetchall()
    )
    assert years == {year: gdp_of(code, year) for year in YEARS if year != 2014}


@pytest.mark.parametrize("number", [0, 1, 2, 4, 5, 6, 7, 8])
def test_good_rows_beside_bad_cells_are_kept(number: int, db: duckdb.DuckDBPyConnection) -> None:
    code, _ = one_city(number)
    found = dict(
        db.execute(
            "select year, value from marts.indicator_value where city_code = ?"
            " and indicator_code = 'gdp' and value_kind = 'observed'",
            [code],
        ).fetchall()
    )
    wanted = {year: gdp_of(code, year) for year in YEARS}
    if number == 0:
        del wanted[2013]  # the cell with text
    assert found == wanted


def test_names_of_files_stand_as_text(db: duckdb.DuckDBPyConnection) -> None:
    names = {
        name.removeprefix(f"{YEARBOOK}/")
        for (name,) in db.execute(
            "select relative_path from raw.yearbook_file where status = 'loaded'"
        ).fetchall()
    }
    assert {ODD, LONG, FROM_A_ZIP.decode("gb18030")} <= names
    assert not any("hidden" in name or "~$" in name or name == "sources.csv" for name in names)


def test_equal_files_count_once(db: duckdb.DuckDBPyConnection) -> None:
    files = db.execute(
        "select relative_path, status, reason from raw.yearbook_file"
        " where relative_path like '%2-4 good%' order by status"
    ).fetchall()
    assert [status for _, status, _ in files] == ["duplicate", "loaded"]
    assert "the same bytes as" in files[0][2]
    assert db.execute(
        "select max(values_published) from marts.indicator_value"
        " where value_kind = 'observed' and indicator_code = 'gdp'"
    ).fetchone() == (1,)


def test_declaration_saved_by_a_chinese_excel_is_read(db: duckdb.DuckDBPyConnection) -> None:
    assert db.execute(
        "select licence, citation, declared_edition from raw.yearbook_file"
        " where licence is not null and status = 'loaded'"
    ).fetchall() in ([("CC0-1.0", "Yearbook, 2015", 2015)], [])
    assert db.execute(
        "select count(*) from raw.yearbook_file where licence = 'CC0-1.0'"
    ).fetchone() == (1,)


def test_cells_of_loaded_files_are_all_accounted_for(db: duckdb.DuckDBPyConnection) -> None:
    assert db.execute(
        "select (select count(*) from raw.yearbook_cell) = (select sum(cells) from marts.cell_account)"
    ).fetchone() == (True,)
