"""What a path says: parts and days of download; and the same bytes under two editions."""

from __future__ import annotations

import datetime
import logging
import random
from pathlib import Path

import duckdb
import pytest

from orchestration.engine.duck import DuckDBWarehouse
from orchestration.landing.inbox import list_files, read_declarations
from orchestration.landing.path import path_parts
from orchestration.landing.store import land, load_raw

DRAWN = 200
PAGE = "城市,行政区域土地面积(平方公里)\n石家庄市,15848\n唐山市,14198\n"


@pytest.mark.parametrize(
    ("name", "bare", "stamp"),
    [
        ("中国城市统计年鉴20240115.csv", "中国城市统计年鉴", "2024-01-15"),
        ("中国城市统计年鉴_2022-03-17下载.csv", "中国城市统计年鉴_ 下载", "2022-03-17"),
        ("2-1 2024年1月15日.xlsx", "2-1", "2024-01-15"),
        ("2-1_20240115093059.xls", "2-1_", "2024-01-15"),
        ("2-1 2024.01.15 09.30.xls", "2-1", "2024-01-15"),
        ("下载1705312345678.csv", "下载", "2024-01-15"),
        ("年鉴202401.csv", "年鉴", "2024-01"),
        # No days: spans, editions, tables, codes.
        ("1999-2023 panel.dta", "1999-2023 panel", None),
        ("中国城市统计年鉴2023.xlsx", "中国城市统计年鉴2023", None),
        ("2023-13-45.csv", "2023-13-45", None),
        ("20231345.csv", "20231345", None),
        ("2001-12.csv", "2001-12", None),
        ("130100_2014.parquet", "130100_2014", None),
        ("2-1.2", "2-1.2", None),
    ],
)
def test_a_day_of_download_is_told_from_a_year(name: str, bare: str, stamp: str | None) -> None:
    part = path_parts(f"中国城市统计年鉴2023/{name}")[1]
    assert (part.bare_text, part.stamp, part.is_file_name) == (bare, stamp, True)


def test_folders_are_parts_with_their_dots() -> None:
    assert [
        (part.number, part.is_file_name, part.bare_text, part.stamp)
        for part in path_parts("a.b/2023年 2024-05-01/2-1.csv")
    ] == [(1, False, "a.b", None), (2, False, "2023年", "2024-05-01"), (3, True, "2-1", None)]


def test_drawn_stamps_never_leave_a_year_behind() -> None:
    rng = random.Random(13)
    for _ in range(DRAWN):
        day = datetime.date(rng.randint(1995, 2030), rng.randint(1, 12), rng.randint(1, 28))
        written = day.strftime(
            rng.choice(["%Y%m%d", "%Y-%m-%d", "%Y_%m_%d", "%Y.%m.%d", "%Y年%m月%d日"])
        )
        time = rng.choice(["", "", "_0930", "T093015", " 09-30"])
        edition = rng.choice(["", "2019", "2008"])
        name = f"年鉴{edition}{rng.choice(['_', ' ', '('])}{written}{time}.xlsx"
        part = path_parts(name)[-1]
        assert part.stamp == day.isoformat(), name
        assert "".join(sign for sign in part.bare_text if sign.isdigit()) == edition, name


def raw_of(inbox: Path, state: Path) -> dict[str, tuple[str, str, int]]:
    """Path -> status, key of the file, number of cells under that key in the warehouse."""
    declarations = read_declarations(inbox)
    landed = land(list_files(inbox), state / "cells", declarations)
    with duckdb.connect() as connection:
        load_raw(DuckDBWarehouse(connection), landed, declarations)
        return {
            path: (status, key, cells)
            for path, status, key, cells in connection.execute(
                "select relative_path, status, file_key,"
                " (select count(*) from raw.yearbook_cell as cell where cell.file_key = file.file_key)"
                " from raw.yearbook_file as file"
            ).fetchall()
        }


def put(inbox: Path, *paths: str) -> None:
    for path in paths:
        (inbox / path).parent.mkdir(parents=True, exist_ok=True)
        (inbox / path).write_text(PAGE, encoding="utf-8")


def test_the_same_page_in_two_editions_is_two_pages(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    inbox = tmp_path / "inbox"
    earlier, later = "中国城市统计年鉴2022/2-3.csv", "中国城市统计年鉴2023/2-3.csv"
    put(inbox, earlier, later, "中国城市统计年鉴2023/2-3 (1).csv")
    with caplog.at_level(logging.WARNING):
        found = raw_of(inbox, tmp_path)
    assert found[earlier][0] == "loaded"
    again = [
        path for path, (status, _, _) in found.items() if status == "loaded" and path != earlier
    ]
    assert len(again) == 1, "a second copy in the same folder counts once"
    assert again[0].startswith("中国城市统计年鉴2023/")
    assert found[earlier][1] != found[again[0]][1]
    assert found[earlier][2] == found[again[0]][2] == 6
    assert [path for path, (status, _, _) in found.items() if status == "duplicate"]
    assert earlier in caplog.text
    assert again[0] in caplog.text


def test_a_declaration_of_the_second_path_is_not_lost(tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    put(inbox, "a/page.csv", "b/page.csv", "c/page.csv")
    (inbox / "sources.csv").write_text(
        "file_pattern,edition\na/*,2021\nb/*,2022\n", encoding="utf-8"
    )
    found = raw_of(inbox, tmp_path)
    assert {path: status for path, (status, _, _) in found.items()} == {
        "a/page.csv": "loaded",
        "b/page.csv": "loaded",
        "c/page.csv": "duplicate",
    }
    with duckdb.connect() as connection:
        declarations = read_declarations(inbox)
        landed = land(list_files(inbox), tmp_path / "cells", declarations)
        load_raw(DuckDBWarehouse(connection), landed, declarations)
        assert connection.execute(
            "select part.file_key = file.file_key, part.text from raw.yearbook_path_part as part"
            " inner join raw.yearbook_file as file using (file_key)"
            " where file.status = 'loaded' and file.declared_edition = 2022 order by part_number"
        ).fetchall() == [(True, "b"), (True, "page.csv")]


def test_drawn_inboxes_keep_one_page_per_year_that_a_path_says(tmp_path: Path) -> None:
    rng = random.Random(62)
    for number in range(50):
        inbox = tmp_path / f"inbox{number}"
        years = [rng.choice(["", "2019", "2020", "2021"]) for _ in range(rng.randint(2, 5))]
        folders = [
            f"{place}/{rng.choice(['年鉴', '中国城市统计年鉴', 'x'])}{year}"
            f"{rng.choice(['', ' 2024-05-01', '(1)'])}"
            for place, year in enumerate(years)
        ]
        put(inbox, *[f"{folder}/page.csv" for folder in folders])
        found = raw_of(inbox, tmp_path)
        loaded = [path for path, (status, _, _) in sorted(found.items()) if status == "loaded"]
        said = [years[int(path.partition("/")[0])] for path in loaded]
        assert len(set(said)) == len(said), "no year counts twice"
        assert set(said) - {""} == set(years) - {""}, "no year is lost"
        assert len({found[path][1] for path in loaded}) == len(loaded)
        assert all(found[path][2] == 6 for path in loaded)
