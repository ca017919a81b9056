"""Pages with one oddity each, written by hand: what is read, what is refused and why.

Here: cases that a drawn page can't have because they are ambiguous, wrong or out of scope. Not
here: pages that must give their table back (`test_layouts_fuzz`).
"""

from collections.abc import Callable
from pathlib import Path

import pytest
from layouts_warehouse import FIGURES, Resolved

YEARBOOK = "中国城市统计年鉴2016"
"""Statistic year 2015."""

PAGES = {
    # Two tables below each other: each has its own title and unit line.
    "two_tables": """\
2-1 人口
单位：万人
城市,年末户籍人口
石家庄市,1028.84
2-4 从业人员统计
单位：人
城市,第一产业,第二产业
石家庄市,1200,340000
唐山市,900,…
""",
    # The second table says no unit: the first one's is not its own.
    "unit_not_inherited": """\
2-1 人口
单位：万人
城市,年末户籍人口
石家庄市,1028.84
2-2 人口续报
城市,年平均人口
石家庄市,1020
2-1 续表 人口
城市,年末户籍人口
唐山市,780
""",
    # 第一产业 means employees only under a title that says so.
    "untitled_sectors": """\
城市,第一产业(人)
石家庄市,1200
""",
    "unknown_unit_line": """\
单位：两
城市,教育支出
石家庄市,55
""",
    "two_units_in_a_line": """\
单位：万人、万元
城市,年末户籍人口,教育支出(亿元)
石家庄市,1028,55
""",
    # One unit of each dimension: what is measured says which; beds are none of them.
    "listed_units": """\
单位：万人、亿元、%
城市,年末户籍人口,教育支出,地区生产总值(万元),医院床位数
石家庄市,1028,55,66,77
""",
    "listed_units_of_one_kind": """\
单位：人、万人、亿元
城市,年末户籍人口,教育支出
石家庄市,1028,55
""",
    # 甲 1 2 number the columns, on the page that goes on as well; there they count on.
    "column_numbers": """\
2-1 人口
城市,年末户籍人口(万人),年平均人口(万人)
甲,1,2
石家庄市,1028.84,1020
2-1 续表
城市,教育支出,地区生产总值
,万元,亿元
甲,3,4
石家庄市,55,6
""",
    # Nothing but figures: no numbers of columns, for they begin with 1 where no letter stands.
    "figures_like_numbers": """\
城市,年末户籍人口(万人),教育支出(万元)
,7,8
石家庄市,1,2
""",
    "unit_after_separator": """\
城市,"年末户籍人口,人",年平均人口：万人,教育支出/亿元,地区生产总值 GDP 亿元,医院床位数 张
石家庄市,10280000,1020,5,66,77
""",
    # The words end as a unit does, yet none is printed.
    "words_like_units": """\
单位：万人
城市,年末城镇登记失业人 员 数,国际互联网用户数 户 口,每 万人
石家庄市,1,2,3
""",
    "unknown_heading": """\
城市,某种指标(万元),教育支出(万元)
石家庄市,5,55
""",
    "text_and_marks": """\
城市,教育支出(万元)
石家庄市,约55
唐山市,"1,23"
秦皇岛市,"1,234.5*"
太原市,１２，３４５
大同市,nan
南京市,－
无锡市,12.5%
""",
    # A figure in a row that names no city, and a note beside it.
    "no_city": """\
城市,教育支出(万元)
石家庄市,55
,66
,未经审计
""",
    # No heading names a city: nothing is read, and nothing is lost.
    "no_table": """\
某表
项目,教育支出(万元)
一,55
""",
    # Cities across the top.
    "transposed": """\
城市,石家庄市,唐山市
教育支出(万元),55,66
""",
    "names": """\
城市,教育支出(万元)
石 家 庄 市①,55
襄樊市*,66
河北省,900
全国总计,9000
某某市,77
""",
    "same_city_twice": """\
城市,教育支出(万元)
石家庄市,55
唐山市,66
石家庄市,56
唐山市,66
""",
    # The unit in the translation alone; rows say their year, so that the title's is not theirs.
    "rows_before_title": """\
中国2013年统计
城市 City,年份 Year,教育支出 Education Expenditure (10 000 yuan)
石家庄市,2010年,55
石家庄市,2011,56
石家庄市,,57
""",
    "gdp_in_words": """\
城市,人均地区生产总值 Per Capita GDP(元),R&D经费内部支出(万元)
石家庄市,55000,66
""",
}
UNDATED = "城市,教育支出(万元)\n石家庄市,55\n"


@pytest.fixture(scope="module")
def resolved(
    tmp_path_factory: pytest.TempPathFactory, resolve: Callable[[Path], Resolved]
) -> Resolved:
    inbox = tmp_path_factory.mktemp("by_hand")
    (inbox / YEARBOOK).mkdir()
    for name, text in PAGES.items():
        (inbox / YEARBOOK / f"{name}.csv").write_text(text, encoding="utf-8")
    (inbox / "undated.csv").write_text(UNDATED, encoding="utf-8")
    (inbox / "sources.csv").write_text(
        "file_pattern,citation\nundated.csv,China City Statistical Yearbook\n", encoding="utf-8"
    )
    return resolve(inbox)


def figures(resolved: Resolved, name: str) -> list[tuple]:
    """City, year, indicator, value of a page, in the order of its cells."""
    return resolved.rows(
        "select city_name_printed, year, indicator_code, figure"
        f" from {FIGURES} inner join raw.yearbook_file using (file_key)"
        " where relative_path like ? order by row_number, column_number",
        f"%{name}.csv",
    )


def reasons(resolved: Resolved, name: str) -> list[tuple]:
    """Reason and text of a page's quarantined cells, in the order of its cells."""
    return [
        (reason, text)
        for reason, text, _, _ in resolved.rows(
            "select reason, value_text, row_number, column_number"
            " from staging.stg_yearbook__quarantine where relative_path like ?"
            " union all select reason, value_text, row_number, column_number"
            " from intermediate.int_city_year__quarantine"
            " where relative_path like ? and reason <> 'conflict_in_edition'"
            " order by row_number, column_number",
            f"%{name}.csv",
            f"%{name}.csv",
        )
    ]


def test_tables_below_each_other_have_their_own_title_and_unit(resolved: Resolved) -> None:
    assert figures(resolved, "two_tables") == [
        ("石家庄市", 2015, "population_registered", 1028.84),
        ("石家庄市", 2015, "employees_primary", 1200),
        ("石家庄市", 2015, "employees_secondary", 340000),
        ("唐山市", 2015, "employees_primary", 900),
    ]
    assert reasons(resolved, "two_tables") == []


def test_a_unit_line_ends_with_its_table(resolved: Resolved) -> None:
    assert figures(resolved, "unit_not_inherited") == [
        ("石家庄市", 2015, "population_registered", 1028.84)
    ]
    # What continues a table without a unit has none either.
    assert reasons(resolved, "unit_not_inherited") == [("no_unit", "1020"), ("no_unit", "780")]


@pytest.mark.parametrize(
    ("name", "expected", "quarantined"),
    [
        ("untitled_sectors", [], [("unknown_heading", "1200")]),
        ("unknown_unit_line", [], [("unknown_unit", "55")]),
        (
            "two_units_in_a_line",
            [
                ("石家庄市", 2015, "population_registered", 1028),
                ("石家庄市", 2015, "education_expenditure", 550_000),
            ],
            [],
        ),
        (
            "listed_units",
            [
                ("石家庄市", 2015, "population_registered", 1028),
                ("石家庄市", 2015, "education_expenditure", 550_000),
                ("石家庄市", 2015, "gdp", 66),
            ],
            [("no_unit", "77")],
        ),
        (
            "listed_units_of_one_kind",
            [("石家庄市", 2015, "education_expenditure", 550_000)],
            [("no_unit", "1028")],
        ),
        (
            "column_numbers",
            [
                ("石家庄市", 2015, "population_registered", 1028.84),
                ("石家庄市", 2015, "population_average", 1020),
                ("石家庄市", 2015, "education_expenditure", 55),
                ("石家庄市", 2015, "gdp", 60_000),
            ],
            [],
        ),
        (
            "figures_like_numbers",
            [
                ("石家庄市", 2015, "population_registered", 1),
                ("石家庄市", 2015, "education_expenditure", 2),
            ],
            [("no_city", "7"), ("no_city", "8")],
        ),
        (
            "unit_after_separator",
            [
                ("石家庄市", 2015, "population_registered", 1028),
                ("石家庄市", 2015, "population_average", 1020),
                ("石家庄市", 2015, "education_expenditure", 50_000),
                ("石家庄市", 2015, "hospital_beds", 77),
            ],
            [("unknown_heading", "66")],
        ),
        (
            "words_like_units",
            [("石家庄市", 2015, "unemployed", 10_000)],
            [("unknown_heading", "2"), ("unknown_heading", "3")],
        ),
        (
            "unknown_heading",
            [("石家庄市", 2015, "education_expenditure", 55)],
            [("unknown_heading", "5")],
        ),
        (
            "text_and_marks",
            [
                ("秦皇岛市", 2015, "education_expenditure", 1234.5),
                ("太原市", 2015, "education_expenditure", 12345),
            ],
            [
                ("text_in_number_cell", "约55"),
                ("text_in_number_cell", "1,23"),
                ("text_in_number_cell", "12.5%"),
            ],
        ),
        ("no_city", [("石家庄市", 2015, "education_expenditure", 55)], [("no_city", "66")]),
        ("no_table", [], []),
        (
            "transposed",
            [
                ("石家庄市", 2015, "education_expenditure", 55),
                ("唐山市", 2015, "education_expenditure", 66),
            ],
            [],
        ),
        (
            "names",
            [
                ("石 家 庄 市①", 2015, "education_expenditure", 55),
                ("襄樊市*", 2015, "education_expenditure", 66),
            ],
            [("aggregate", "900"), ("aggregate", "9000"), ("unknown_city", "77")],
        ),
        (
            "same_city_twice",
            [
                ("唐山市", 2015, "education_expenditure", 66),
                ("唐山市", 2015, "education_expenditure", 66),
            ],
            [("conflict_in_sheet", "55"), ("conflict_in_sheet", "56")],
        ),
        (
            "rows_before_title",
            [
                ("石家庄市", 2010, "education_expenditure", 55),
                ("石家庄市", 2011, "education_expenditure", 56),
            ],
            [("no_statistic_year", "57")],
        ),
        (
            "gdp_in_words",
            [
                ("石家庄市", 2015, "gdp_per_capita", 55000),
                ("石家庄市", 2015, "rd_expenditure", 66),
            ],
            [],
        ),
        ("undated", [], [("no_statistic_year", "55")]),
    ],
)
def test_page(resolved: Resolved, name: str, expected: list, quarantined: list) -> None:
    assert figures(resolved, name) == expected
    assert reasons(resolved, name) == quarantined


def test_every_cell_is_accounted_for(resolved: Resolved) -> None:
    rows = resolved.rows(
        "select relative_path, cell_count, sum(cells)::integer from raw.yearbook_file"
        " inner join marts.cell_account using (file_key, relative_path) group by all"
    )
    assert len(rows) == len(PAGES) + 1
    assert [row for row in rows if row[1] != row[2]] == []
    # A page whose city column isn't found says so, by file and sheet.
    assert resolved.rows(
        "select relative_path, sheet_name, cells from marts.cell_account"
        " where cell_class = 'no_table'"
    ) == [(f"{YEARBOOK}/no_table.csv", "csv", 5)]


COPIES = {
    "2-4 甲.csv": "城市,教育支出(万元)\n石家庄市,55\n唐山市,66\n秦皇岛市,77\n",
    # 石家庄 contradicts, 唐山 is the same, 秦皇岛 rounds to 77.
    "2-4 乙.csv": "城市,教育支出(万元)\n石家庄市,58\n唐山市,66\n秦皇岛市,77.4\n",
}
"""Two workbooks of one edition."""


def test_two_workbooks_of_an_edition_that_contradict_each_other(
    tmp_path: Path, resolve: Callable[[Path], Resolved]
) -> None:
    (tmp_path / YEARBOOK).mkdir()
    for name, text in COPIES.items():
        (tmp_path / YEARBOOK / name).write_text(text, encoding="utf-8")
    resolved = resolve(tmp_path)
    # Neither figure of 石家庄 is believed; each is set aside with its file, cell and reason.
    assert resolved.rows(
        "select split_part(relative_path, '/', 2), city_name_printed, statistic_year, value_text,"
        " split_part(cell_id, '!', 3), reason from intermediate.int_city_year__quarantine"
        " order by value_text"
    ) == [
        ("2-4 甲.csv", "石家庄市", 2015, "55", "B2", "conflict_in_edition"),
        ("2-4 乙.csv", "石家庄市", 2015, "58", "B2", "conflict_in_edition"),
    ]
    assert resolved.rows(
        "select city_code, value, count(*) from intermediate.int_city_year__observation"
        " group by all order by all"
    ) == [("130200", 66.0, 2), ("130300", 77.0, 1), ("130300", 77.4, 1)]
    # The account of cells counts them as set aside, and every cell once.
    assert resolved.rows(
        "select split_part(relative_path, '/', 2), cell_class, sum(cells)::integer"
        " from marts.cell_account group by all order by all"
    ) == [
        (name, cell_class, cells)
        for name in sorted(COPIES)
        for cell_class, cells in (("heading", 2), ("key", 3), ("quarantined", 1), ("value", 2))
    ]
